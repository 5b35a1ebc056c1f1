using System.Diagnostics;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The reports in a real browser, on a wide screen and a phone's, in the light and in the dark.</summary>
public sealed class ReportBrowserTests
{
    /// <summary>Asks a page what a reader would find, and puts the answers into its title, where the test reads them.</summary>
    private const string Reader =
        """
        <script>
        const said = () => getComputedStyle(box).display === 'block' ? box.textContent : '';
        const point = mark => {
          const at = place(mark);
          mark.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX: at.x, clientY: at.y }));
        };
        const hover = mark => { hide(); point(mark); return said(); };
        const reached = [], hovered = [], tapped = [];
        for (const picture of document.querySelectorAll('svg[tabindex]')) {
          const first = picture.querySelector('[data-tip]');
          hovered.push(hover(first));
          hide();
          const at = place(first);
          picture.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: at.x + 2, clientY: at.y + 2 }));
          tapped.push(said() !== '' && [...picture.querySelectorAll('[data-tip]')].some(mark => hover(mark) === tips[first.getAttribute('data-tip')]));
          for (const key of ['Home', 'ArrowRight', 'ArrowDown', 'End', 'ArrowLeft', 'ArrowUp']) {
            picture.dispatchEvent(new KeyboardEvent('keydown', { key: key, bubbles: true }));
            const mark = picture.querySelector('.on');
            const byKey = said();
            reached.push(byKey !== '' && byKey === hover(mark));
          }
          hide();
        }
        const cut = [], small = [];
        for (const text of document.querySelectorAll('svg text')) {
          if (getComputedStyle(text).display === 'none') { continue; }
          const its = text.getBoundingClientRect(), all = text.closest('svg').getBoundingClientRect();
          if (its.left < all.left - 1 || its.right > all.right + 1 || its.top < all.top - 1 || its.bottom > all.bottom + 1) { cut.push(text.textContent); }
          if (its.height < 10) { small.push(text.textContent); }
        }
        const names = [...document.querySelectorAll('svg text.contour')].filter(text => getComputedStyle(text).display !== 'none');
        const crowded = [];
        for (const one of names) {
          for (const other of names.slice(names.indexOf(one) + 1).filter(each => each.closest('svg') === one.closest('svg'))) {
            const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
            if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) { crowded.push(one.textContent + ' on ' + other.textContent); }
          }
        }
        const shade = colour => colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
        parent.document.title = 'READ' + JSON.stringify({
          width: innerWidth, overflow: document.documentElement.scrollWidth - innerWidth, requests: performance.getEntriesByType('resource').length,
          ground: shade(getComputedStyle(document.body).backgroundColor), ink: shade(getComputedStyle(document.querySelector('svg text')).fill),
          pictures: document.querySelectorAll('svg[tabindex]').length, hovered: hovered, tapped: tapped.every(each => each), reached: reached.every(each => each),
          tables: [...document.querySelectorAll('figure')].every(figure => figure.querySelector('table')), cut: cut, small: small, crowded: crowded, contours: names.length,
        }) + 'END';
        </script>
        </body>
        """;

    /// <summary>Widths in points, and whether it is dark; in a short run the sweep's page on a wide screen in the light, the plan's on a phone's in the dark.</summary>
    public static TheoryData<int, bool> ScreensOfSweeps => TestLength.IsLong ? All : new() { { 1400, false } };

    public static TheoryData<int, bool> ScreensOfPlans => TestLength.IsLong ? All : new() { { 390, true } };

    private static TheoryData<int, bool> All => new() { { 1400, false }, { 1400, true }, { 390, false }, { 390, true } };

    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    [Theory]
    [MemberData(nameof(ScreensOfSweeps))]
    public async Task A_sweep_is_read_on_any_screen(int width, bool isDark)
    {
        using SweepFiles files = new();
        Assert.Equal(
            0,
            files.Sweep(
                """
                {"name": "gib", "path": "system.mem1.GiB", "values": [36, 72, 144]},
                {"name": "gbps", "path": "system.mem1.GBps", "geometric": [6000, 48000, 12]}
                """,
                """, "cost": "gib" """).ExitCode);
        JsonElement read = await Read(files.PathOf("out", "report.html"), files.PathOf("read"), width, isDark);
        Check(read, width, isDark);

        // Lines of equal figures have names, none of them on another.
        Assert.InRange(read.GetProperty("contours").GetInt32(), 2, 50);
        Assert.Empty(read.GetProperty("crowded").EnumerateArray().Select(each => each.GetString()));

        // The first picture's first cell: its variant, its winning plan.
        string[] tip = read.GetProperty("hovered")[0].GetString()!.Split('\n');
        Assert.Equal(["gib = 36", "gbps = 6000"], tip[..2]);
        Assert.Contains("tokens/s/card", tip[2], StringComparison.Ordinal);
        Assert.Contains(tip, part => part.StartsWith("decoder: 36 cards, DP ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(ScreensOfPlans))]
    public async Task A_plan_is_read_on_any_screen(int width, bool isDark)
    {
        using TemporaryFolder folder = new();
        string model = Repository.PathOf("examples", "published", "models", "qwen3_30b_a3b.json");
        string chip = Repository.PathOf("data", "systems", "H100_SXM.json");
        Assert.Equal(
            0,
            FastSimProgram.Run(
                "plan", model, "--chip", chip, "--cards", "8", "--in", "4000", "--out", "1000", "--ttft", "200", "--tpot", "30", "-q", "-o", folder.PathOf("out")).ExitCode);
        JsonElement read = await Read(folder.PathOf("out", "report.html"), folder.PathOf("read"), width, isDark);
        Check(read, width, isDark);
        Assert.InRange(read.GetProperty("pictures").GetInt32(), 10, 20);
    }

    private static void Check(JsonElement read, int width, bool isDark)
    {
        Assert.Equal(width, read.GetProperty("width").GetInt32());
        Assert.InRange(read.GetProperty("overflow").GetInt32(), int.MinValue, 0);
        Assert.Equal(0, read.GetProperty("requests").GetInt32());
        Assert.Equal(isDark, read.GetProperty("ground").GetInt32() < 150);
        Assert.Equal(isDark, read.GetProperty("ink").GetInt32() > 500);
        Assert.All(read.GetProperty("hovered").EnumerateArray(), each => Assert.NotEqual("", each.GetString()));
        Assert.True(read.GetProperty("tapped").GetBoolean());
        Assert.True(read.GetProperty("reached").GetBoolean());
        Assert.True(read.GetProperty("tables").GetBoolean());
        Assert.Empty(read.GetProperty("cut").EnumerateArray().Select(each => each.GetString()));
        Assert.Empty(read.GetProperty("small").EnumerateArray().Select(each => each.GetString()));
    }

    /// <summary>Opens a page, and reads it.</summary>
    private static async Task<JsonElement> Read(string report, string folder, int width, bool isDark)
    {
        if (Array.Find(Browsers, File.Exists) is not { } browser)
        {
            Assert.Skip("no Chromium is installed");
            return default;
        }

        // A window is never as narrow as a phone, a frame is.
        Directory.CreateDirectory(folder);
        string asked = (await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken)).Replace("</body>", Reader, StringComparison.Ordinal);
        string page = Path.Combine(folder, "page.html");
        await File.WriteAllTextAsync(
            page,
            $"<!DOCTYPE html><html><head><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\"><title>not read</title></head><body><iframe style=\"border: 0; width: {width}px; height: 1000px\" srcdoc=\"{System.Net.WebUtility.HtmlEncode(asked)}\"></iframe></body></html>",
            TestContext.Current.CancellationToken);
        string dom = await DumpDom(browser, page, Path.Combine(folder, "profile"), isDark);
        string title = dom[(dom.IndexOf("<title>READ", StringComparison.Ordinal) + "<title>READ".Length)..];
        using JsonDocument document = JsonDocument.Parse(System.Net.WebUtility.HtmlDecode(title[..title.IndexOf("END</title>", StringComparison.Ordinal)]));
        return document.RootElement.Clone();
    }

    private static async Task<string> DumpDom(string browser, string page, string profile, bool isDark)
    {
        ProcessStartInfo start = new(
            browser,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1600,1100", $"--blink-settings=preferredColorScheme={(isDark ? 0 : 1)}",
                $"--user-data-dir={profile}", "--dump-dom", $"file://{page}",
            ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string dom = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(dom.Contains("<title>READ", StringComparison.Ordinal), await error + dom[..Math.Min(dom.Length, 400)]);
        return dom;
    }
}
