using System.Globalization;
using Orchestrator.Abstractions.Analyses.Figures;

namespace Orchestrator.Analyses.Universality;

/// <summary>Histograms of best correlations, one row for the features and one for each null, on common axes.</summary>
internal static class CorrelationFigure
{
    private const int Bins = 20;
    private const double Left = 64;
    private const double PlotWidth = 440;
    private const double RowHeight = 92;
    private const double PlotHeight = 66;
    private const double Top = 44;
    private const double Width = Left + PlotWidth + 176;

    private static readonly IReadOnlyDictionary<string, string> Colours = new Dictionary<string, string>
    {
        [""] = SvgCanvas.Blue,
        ["_neurons"] = SvgCanvas.Amber,
        ["_random_twin"] = SvgCanvas.Violet,
    };

    public static byte[] Draw(IReadOnlyList<MatchSet> sets)
    {
        var canvas = new SvgCanvas(Width, Top + RowHeight * sets.Count + 34, "Best correlation between two seeds: features beside their nulls");
        canvas.Text(Left, 20, "Best correlation with the other seed", size: 14);
        var histograms = sets.Select(Shares).ToList();
        var highest = Math.Max(0.05, histograms.SelectMany(static shares => shares).Max());
        for (var row = 0; row < sets.Count; row++)
        {
            DrawRow(canvas, sets[row], histograms[row], Top + RowHeight * row, highest);
        }

        var bottom = Top + RowHeight * sets.Count - (RowHeight - PlotHeight);
        for (var tick = 0; tick <= 5; tick++)
        {
            var x = Left + PlotWidth * tick / 5;
            canvas.Line(x, bottom, x, bottom + 4);
            canvas.Text(x, bottom + 18, Format(tick / 5.0, "0.0"), "middle", 11);
        }

        canvas.Text(Left + PlotWidth / 2, bottom + 38, "Pearson correlation of activations, best match", "middle");
        return canvas.ToBytes();
    }

    private static void DrawRow(SvgCanvas canvas, MatchSet set, double[] shares, double top, double highest)
    {
        var bottom = top + PlotHeight;
        var colour = Colours.GetValueOrDefault(set.Suffix, SvgCanvas.Ink);
        for (var bin = 0; bin < Bins; bin++)
        {
            var height = PlotHeight * shares[bin] / highest;
            canvas.Rectangle(Left + PlotWidth * bin / Bins + 1, bottom - height, PlotWidth / Bins - 2, height, colour);
        }

        canvas.Line(Left, bottom, Left + PlotWidth, bottom);
        canvas.Line(Left, top, Left, bottom);
        canvas.Text(Left - 6, top + 8, Format(highest * 100, "0") + " %", "end", 11);
        canvas.Text(Left - 6, bottom, "0", "end", 11);
        var median = Left + PlotWidth * Math.Clamp(set.MedianCorrelation, 0, 1);
        canvas.Line(median, top - 4, median, bottom, colour, 1.5, "4 3");
        canvas.Text(Left + PlotWidth + 12, top + 16, set.Name, fill: colour, size: 13);
        canvas.Text(Left + PlotWidth + 12, top + 34, "median " + Format(set.MedianCorrelation, "0.00"), size: 12);
        canvas.Text(Left + PlotWidth + 12, top + 50, Format(set.Matches.Count, "N0") + " compared", size: 12);
    }

    // Negative best correlations fall into the first bin.
    private static double[] Shares(MatchSet set)
    {
        var shares = new double[Bins];
        foreach (var match in set.Matches)
        {
            shares[Math.Clamp((int)(match.Correlation * Bins), 0, Bins - 1)] += 1.0 / set.Matches.Count;
        }

        return shares;
    }

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
