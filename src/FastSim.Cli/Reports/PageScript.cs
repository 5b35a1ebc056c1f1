namespace FastSim.Cli.Reports;

/// <summary>
/// What a page does: a tip at the pointer, the same at a tap, which also finds what is near, and the same again by keyboard, where a picture is one stop
/// and arrows go from mark to mark.
/// </summary>
internal static class PageScript
{
    /// <summary>The script.</summary>
    public const string Text = """
        const tips = JSON.parse(document.getElementById('tips').textContent);
        const box = document.getElementById('tip');
        let held = null;
        const textOf = mark => mark && mark.getAttribute ? tips[mark.getAttribute('data-tip')] : undefined;
        function hide() {
          box.style.display = 'none';
          if (held) { held.classList.remove('on'); }
          held = null;
        }
        function show(mark, x, y, hold) {
          if (held && held !== mark) { held.classList.remove('on'); held = null; }
          if (hold) { held = mark; mark.classList.add('on'); }
          box.textContent = textOf(mark);
          box.style.display = 'block';
          const right = x + 16 + box.offsetWidth > innerWidth;
          const low = y + 16 + box.offsetHeight > innerHeight;
          box.style.left = Math.max(8, Math.min(right ? x - box.offsetWidth - 12 : x + 16, innerWidth - box.offsetWidth - 8)) + 'px';
          box.style.top = Math.max(8, low ? y - box.offsetHeight - 12 : y + 16) + 'px';
        }
        function place(mark) {
          const box = mark.getBoundingClientRect();
          return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        }
        document.addEventListener('mousemove', event => {
          if (textOf(event.target) !== undefined) { show(event.target, event.clientX, event.clientY, false); }
          else if (!held) { box.style.display = 'none'; }
        });
        document.addEventListener('click', event => {
          let mark = event.target;
          if (textOf(mark) === undefined) {
            const picture = mark.closest ? mark.closest('svg') : null;
            let nearest = 30;
            mark = null;
            for (const each of picture ? picture.querySelectorAll('[data-tip]') : []) {
              const at = place(each);
              const away = Math.hypot(at.x - event.clientX, at.y - event.clientY);
              if (away < nearest) { nearest = away; mark = each; }
            }
          }
          if (mark) { show(mark, event.clientX, event.clientY, true); } else { hide(); }
        });
        function stand(mark) {
          mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
          const at = place(mark);
          show(mark, at.x, at.y, true);
        }
        const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
        function next(marks, from, way) {
          const here = place(from);
          let best = from, least = Infinity;
          for (const each of marks) {
            const at = place(each);
            const ahead = (at.x - here.x) * way[0] + (at.y - here.y) * way[1];
            const aside = Math.abs((at.x - here.x) * way[1]) + Math.abs((at.y - here.y) * way[0]);
            if (ahead > 0.3 && ahead + 2 * aside < least) { least = ahead + 2 * aside; best = each; }
          }
          return best;
        }
        for (const picture of document.querySelectorAll('svg')) {
          const marks = [...picture.querySelectorAll('[data-tip]')].filter(mark => textOf(mark) !== undefined);
          if (marks.length === 0) { continue; }
          picture.setAttribute('tabindex', '0');
          picture.setAttribute('aria-describedby', 'keys');
          let last = marks[0];
          picture.addEventListener('focus', () => { if (picture.matches(':focus-visible')) { stand(last); } });
          picture.addEventListener('blur', hide);
          picture.addEventListener('keydown', event => {
            if (event.key === 'Escape') { hide(); return; }
            let mark = held && picture.contains(held) ? held : last;
            if (event.key === 'Home') { mark = marks[0]; }
            else if (event.key === 'End') { mark = marks[marks.length - 1]; }
            else if (event.key === 'Enter' || event.key === ' ') { }
            else if (ways[event.key]) { mark = next(marks, mark, ways[event.key]); }
            else { return; }
            event.preventDefault();
            last = mark;
            stand(mark);
          });
        }
        addEventListener('scroll', () => { if (held && document.activeElement.tagName !== 'svg') { hide(); } }, { passive: true });
        addEventListener('beforeprint', () => document.querySelectorAll('details.said').forEach(each => each.open = true));
        """;
}
