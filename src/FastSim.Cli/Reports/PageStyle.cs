namespace FastSim.Cli.Reports;

/// <summary>How a page looks: on wide and narrow screens, in the light and in the dark, and on paper.</summary>
internal static class PageStyle
{
    /// <summary>The style sheet. Colours of pictures are their own attributes, which any rule here overrides.</summary>
    public const string Text = """
        :root { color-scheme: light dark; --ground: #ffffff; --card: #f6f7f9; --ink: #222222; --soft: #5c6066; --line: #d9dce1; --grid: #e8e8e8;
                --missing: #e4e4e4; --cloud: #b9bdc4; --mark: #333333; --best: #c2185b; --link: #0b5cad; }
        * { box-sizing: border-box; }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 0; padding: 20px clamp(12px, 3vw, 48px) 48px; }
        h1 { font-size: 24px; line-height: 1.25; margin: 0 0 6px; overflow-wrap: anywhere; } h2 { font-size: 18px; margin: 32px 0 8px; }
        p { max-width: 76ch; margin: 6px 0; overflow-wrap: anywhere; } a { color: var(--link); }
        .soft { color: var(--soft); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px; margin: 16px 0; padding: 0; list-style: none; }
        .tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; }
        .tiles b { display: block; font-size: 22px; line-height: 1.3; font-variant-numeric: tabular-nums; } .tiles span { color: var(--soft); font-size: 13px; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 540px), 1fr)); gap: 20px; }
        figure { margin: 0; min-width: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px; }
        figcaption b { font-size: 16px; overflow-wrap: anywhere; } figcaption span { display: block; color: var(--soft); font-size: 13.5px; }
        svg { display: block; width: 100%; height: auto; max-width: 860px; margin: -3.5% auto 0; }
        svg .title { display: none; } svg .ground { fill: transparent; } svg text { fill: var(--ink); } svg .tick { fill: var(--soft); } svg .grid { stroke: var(--grid); }
        svg .axis { stroke: var(--ink); } svg text.contour { fill: #222222; paint-order: stroke; stroke: #ffffff; stroke-width: 3px; stroke-opacity: 0.85; } svg polyline.mark { stroke: var(--mark); } svg text.mark { fill: var(--ink); paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
        svg .missing { fill: var(--missing); } svg circle.cloud { fill: var(--cloud); } svg polyline.cloud { stroke: var(--cloud); } svg polyline.roof { stroke: var(--ink); } svg circle.roof { fill: var(--ink); }
        svg rect.best { stroke: var(--best); } svg polygon.best { fill: var(--best); stroke: var(--card); stroke-width: 1px; }
        svg text.onbar { fill: #000000; } svg text.onbar[fill="#ffffff"] { fill: #ffffff; } svg text.onbar.plain { fill: var(--ink); }
        svg:focus-visible, .wide:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
        [data-tip] { cursor: pointer; } [data-tip]:hover, [data-tip].on { stroke: var(--ink); stroke-width: 1.8; }
        .wide { overflow-x: auto; } .wide:not(.facts) td, .wide:not(.facts) th { white-space: nowrap; }
        table { border-collapse: collapse; font-size: 14px; margin: 6px 0; } caption { text-align: left; color: var(--soft); padding-bottom: 4px; }
        td, th { padding: 3px 14px 3px 0; text-align: left; vertical-align: top; font-weight: normal; border-bottom: 1px solid var(--line); } th { color: var(--soft); }
        td.number { text-align: right; font-variant-numeric: tabular-nums; } tr.best td { font-weight: 600; }
        details { margin: 8px 0; } summary { cursor: pointer; color: var(--link); font-size: 14px; padding: 4px 0; }
        pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 10px; font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; }
        #tip { position: fixed; display: none; white-space: pre-line; background: #1d2024; color: #ffffff; border: 1px solid #6b7078; font-size: 13px; line-height: 1.4;
               padding: 8px 10px; border-radius: 6px; pointer-events: none; max-width: min(420px, calc(100vw - 16px)); overflow-wrap: anywhere; z-index: 1; }
        @media screen and (prefers-color-scheme: dark) {
          :root { --ground: #14161a; --card: #1c1f25; --ink: #e7e9ec; --soft: #a3a9b3; --line: #353a43; --grid: #2f343c; --missing: #363a41; --cloud: #5b616b;
                  --mark: #d3d6db; --best: #ff6fa5; --link: #7ab8ff; }
          svg [fill="#0072b2"] { fill: #2f95dc; } svg [stroke="#0072b2"] { stroke: #2f95dc; } svg [fill="#8c6d31"] { fill: #c9a45c; } svg [stroke="#8c6d31"] { stroke: #c9a45c; }
          svg [fill="#5a5a5a"] { fill: #a8a8a8; } svg [stroke="#5a5a5a"] { stroke: #a8a8a8; }
        }
        @media (max-width: 640px) {
          body { font-size: 16px; padding-top: 14px; } h1 { font-size: 21px; } .figures { gap: 14px; } figure { padding: 10px 6px; } figcaption { padding: 0 6px; }
          .tiles { grid-template-columns: 1fr 1fr; } .tiles b { font-size: 20px; }
          svg text { font-size: 20px; } svg .tick { font-size: 19px; } svg text.onbar, svg rect.contour, svg .spare { display: none; }
          table { font-size: 14.5px; } summary { padding: 10px 0; } details { margin: 0; }
          .stacked tr { display: grid; grid-template-columns: 3ch repeat(4, 1fr); border-bottom: 1px solid var(--line); padding: 4px 0; }
          .stacked td, .stacked th { border: 0; padding-right: 6px; white-space: normal !important; } .stacked :is(td, th):nth-child(n + 6) { grid-column: 2 / -1; }
        }
        @media print {
          :root { color-scheme: light; --ground: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --grid: #dddddd; --missing: #e4e4e4;
                  --cloud: #b9bdc4; --mark: #333333; --best: #c2185b; --link: #000000; }
          body { padding: 0; font-size: 11px; } figure, tr, .tiles li { break-inside: avoid; } h2 { break-after: avoid; } #tip, .hint { display: none !important; }
          .figures { grid-template-columns: 1fr 1fr; } svg * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .wide { overflow: visible; }
          details:not([open]) { display: none; } pre { white-space: pre-wrap; }
        }
        """;
}
