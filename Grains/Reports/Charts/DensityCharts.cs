using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Reports.Charts;

/// <summary>
/// Histograms of log10 feature density, one small picture a dictionary on the same axes, in shares of all features so
/// that sizes can be compared (paper, "Feature density").
/// </summary>
internal static class DensityCharts
{
    private const int Width = 260;
    private const int Height = 150;
    private const int Left = 34;
    private const int Right = 6;
    private const int Top = 8;
    private const int Bottom = 30;

    // Bin i covers [-10 + i/4, -10 + (i+1)/4).
    private const double LowestExponent = -10;
    private const double BinWidth = 0.25;

    public static Markup Draw(ExperimentSummary summary)
    {
        var dictionaries = summary.Dictionaries.Where(d => d.DensityHistogram.Any(count => count > 0)).ToList();
        if (dictionaries.Count == 0)
        {
            return Markup.Empty;
        }

        // Whole decades, so that the ticks are powers of ten.
        var firstBin = dictionaries.Min(d => d.DensityHistogram.TakeWhile(count => count == 0).Count()) / 4 * 4;
        var bins = dictionaries.Max(d => d.DensityHistogram.Count);
        var x = Axis.Linear([LowestExponent + (firstBin * BinWidth), LowestExponent + (bins * BinWidth)], Left, Width - Right);
        var y = Axis.Linear([0, dictionaries.Max(d => d.DensityHistogram.Max(count => Share(d, count)))], Height - Bottom, Top);
        return Markup.Of($"""<div class="multiples">{dictionaries.Select(d => One(summary, d, x, y))}</div>""");
    }

    private static double Share(DictionarySummary dictionary, int count) => 100.0 * count / dictionary.FeatureCount;

    private static Markup One(ExperimentSummary summary, DictionarySummary dictionary, Axis x, Axis y)
    {
        var model = summary.Models.ToList().FindIndex(m => m.Id == dictionary.Model);
        var colour = Math.Max(model, 0) % SeriesColours.Count;
        var bars = dictionary.DensityHistogram.Select((count, i) => (count, i)).Where(bin => bin.count > 0).Select(bin => Bar(dictionary, bin.i, bin.count, x, y));
        var name = $"{Figures.Count(dictionary.FeatureCount)} features, {ModelNames.Of(summary, dictionary.Model)}";
        return Markup.Of($"""
            <figure><svg viewBox="0 0 {Width} {Height}" role="img" aria-label="Histogram of log10 feature density: {name}">
            {x.Ticks.Select(t => Markup.Of($"""<text class="tick" x="{x.Pixel(t)}" y="{Height - Bottom + 13}" text-anchor="middle">{Axis.Label(t)}</text>"""))}
            {y.Ticks.Select(t => Markup.Of($"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{y.Pixel(t)}" y2="{y.Pixel(t)}"/><text class="tick" x="{Left - 4}" y="{y.Pixel(t) + 3}" text-anchor="end">{Axis.Label(t)}%</text>"""))}
            <g class="s{colour}">{bars}</g>
            <text class="axis small" x="{(Left + Width - Right) / 2}" y="{Height - 3}" text-anchor="middle">log10 density</text>
            </svg><figcaption><strong>{name}</strong><br>{dictionary.DeadFeatures:N0} dead, {dictionary.UltralowDensityFeatures:N0} of ultralow density</figcaption></figure>
            """);
    }

    private static Markup Bar(DictionarySummary dictionary, int bin, int count, Axis x, Axis y)
    {
        var exponent = LowestExponent + (bin * BinWidth);
        var (left, right) = (x.Pixel(exponent), x.Pixel(exponent + BinWidth));
        var top = y.Pixel(Share(dictionary, count));
        return Markup.Of($"""
            <rect class="bar" x="{left + 0.4}" y="{top}" width="{Math.Max(right - left - 0.8, 0.5):0.0}" height="{Math.Max(Height - Bottom - top, 0.8):0.0}"><title>{count:N0} features between 10^{exponent} and 10^{exponent + BinWidth}</title></rect>
            """);
    }
}
