namespace Orchestrator.Grains.Reports;

/// <summary>The page's style sheet: light and dark by the reader's preference, and printable.</summary>
internal static class ReportStyle
{
    public static Markup Element { get; } = Markup.Of($$"""
        <style>
        :root { --ground: #ffffff; --panel: #f6f7f9; --ink: #1b1f24; --quiet: #59636e; --line: #d8dde3; --good: #1a7f37; --bad: #b3261e; --warn: #8a5a00; --mark: #ffe08a; --mark-ink: #1b1f24;
          --s0: #2563c9; --s1: #c2570c; --s2: #6b7280; --s3: #0f8a6d; --s4: #9333b5; --s5: #a3760b; }
        @media (prefers-color-scheme: dark) { :root { --ground: #14171b; --panel: #1d2127; --ink: #e4e8ec; --quiet: #9aa5b1; --line: #343b44; --good: #4cc26a; --bad: #ff8a80; --warn: #e3b341; --mark: #7a5c00; --mark-ink: #fff6d6;
          --s0: #6ea8ff; --s1: #ff9d57; --s2: #a8b0ba; --s3: #3fcba4; --s4: #cf8bea; --s5: #dcb04a; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
        main, footer { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
        header { padding: 32px 0 8px; }
        h1 { margin: 0; font-size: 30px; line-height: 1.2; overflow-wrap: anywhere; }
        h2 { margin: 44px 0 10px; padding-top: 14px; border-top: 1px solid var(--line); font-size: 21px; }
        h3 { margin: 26px 0 4px; font-size: 16.5px; }
        p { margin: 6px 0 12px; max-width: 78ch; }
        code, .mono { font: 0.88em ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        td code { white-space: nowrap; }
        pre { overflow-x: auto; background: var(--panel); padding: 10px 14px; border-radius: 6px; }
        .id { margin: 8px 0 18px; }
        .quiet, figcaption, caption, footer { color: var(--quiet); }
        .status { display: inline-block; padding: 1px 9px; border-radius: 10px; border: 1px solid currentColor; font-size: 13px; font-weight: 600; }
        .completed, .cached { color: var(--good); } .failed { color: var(--bad); } .cancelled { color: var(--warn); }
        .facts { display: flex; flex-wrap: wrap; gap: 10px; margin: 0; }
        .facts div { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 7px 14px; }
        .facts dt { color: var(--quiet); font-size: 12.5px; } .facts dd { margin: 0; font-size: 19px; font-variant-numeric: tabular-nums; }
        .scroll { overflow-x: auto; margin: 10px 0 16px; }
        table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
        caption { text-align: left; padding-bottom: 6px; }
        th, td { padding: 5px 6px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        thead th { border-bottom: 2px solid var(--line); font-weight: 600; vertical-align: bottom; }
        th.n, td.n { text-align: right; white-space: nowrap; }
        thead th.n { white-space: normal; }
        tbody th { font-weight: 500; white-space: nowrap; }
        figure { margin: 12px 0; } figcaption { font-size: 13px; margin-top: 4px; }
        .chart svg { width: 100%; max-width: 760px; height: auto; }
        svg text { fill: var(--quiet); font-size: 11.5px; font-family: inherit; } svg .axis { font-size: 12.5px; } svg .small { font-size: 10.5px; } svg .label { fill: var(--ink); font-size: 12px; }
        svg .grid { stroke: var(--line); stroke-width: 1; } svg polyline { fill: none; stroke: var(--c); stroke-width: 1.8; }
        svg .mark { fill: var(--c); } svg .hollow { fill: var(--ground); stroke: var(--c); stroke-width: 2; } svg .bar { fill: var(--c); }
        .s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); } .s3 { --c: var(--s3); } .s4 { --c: var(--s4); } .s5 { --c: var(--s5); }
        .key { display: inline-block; width: 11px; height: 11px; border-radius: 50%; background: var(--c); border: 2px solid var(--c); margin: 0 5px -1px 0; } .key.hollow { background: transparent; }
        .legend { color: var(--ink); display: block; } .legend .key:not(:first-child) { margin-left: 14px; }
        .overview { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); gap: 0 36px; } .overview > div { min-width: 0; } .overview h3 { margin-top: 12px; }
        .multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 170px), 1fr)); gap: 8px 18px; } .multiples svg { width: 100%; height: auto; } .multiples text { font-size: 11px; } .multiples figure { margin: 4px 0; }
        details.verdict { border-left: 4px solid var(--s0); padding: 7px 14px; background: var(--panel); margin: 6px 0; } details.verdict > summary { color: var(--ink); }
        details.verdict.failed { border-color: var(--bad); } .verdict .input { font-weight: 600; margin-right: 10px; }
        .images { display: flex; flex-wrap: wrap; gap: 14px; } .images figure { flex: 1 1 340px; max-width: 820px; min-width: 0; } .images img { width: 100%; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 10px; }
        details { margin: 8px 0; } summary { cursor: pointer; color: var(--quiet); }
        .features { display: grid; grid-template-columns: repeat(auto-fill, minmax(480px, 1fr)); gap: 16px; }
        .feature { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; min-width: 0; break-inside: avoid; }
        .feature h3 { margin: 0 0 2px; } .feature p { margin: 2px 0; font-size: 13px; }
        .token { display: inline-block; font: 12.5px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--ground); border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; margin: 1px 3px 1px 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
        .contexts { list-style: none; margin: 8px 0 0; padding: 0; font: 12.5px/1.55 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        .contexts li { display: grid; grid-template-columns: 44px minmax(0, 1fr); gap: 8px; border-top: 1px solid var(--line); padding: 2px 0; } .contexts .value { color: var(--quiet); text-align: right; }
        .contexts bdi { overflow-wrap: anywhere; } .contexts .interval { display: block; border: 0; color: var(--quiet); font-family: system-ui, sans-serif; padding-top: 6px; }
        mark { background: var(--mark); color: var(--mark-ink); border-radius: 3px; padding: 0 1px; }
        dl.definitions dt { font-weight: 600; margin-top: 8px; } dl.definitions dd { margin: 0 0 0 18px; max-width: 78ch; }
        footer { padding: 20px 24px 40px; font-size: 13px; } .version { white-space: nowrap; margin-right: 12px; }
        @media (max-width: 560px) { .features { grid-template-columns: minmax(0, 1fr); } main, footer { padding: 0 14px; } }
        @media print { body { font-size: 11pt; } main { max-width: none; } .scroll { overflow: visible; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; } details > * { display: block; } }
        </style>
        """);
}
