using System.Globalization;
using Orchestrator.Abstractions.Analyses.Figures;

namespace Orchestrator.Analyses.Density;

/// <summary>The features' histogram as bars, the nulls' as outlines over it, on common axes: shares of each source's features.</summary>
internal static class DensityFigure
{
    private const double Left = 64;
    private const double Top = 44;
    private const double PlotWidth = 460;
    private const double PlotHeight = 220;
    private const double Bottom = Top + PlotHeight;
    private const double Width = Left + PlotWidth + 200;

    private static readonly IReadOnlyDictionary<string, string> Colours = new Dictionary<string, string>
    {
        [""] = SvgCanvas.Blue,
        ["_neurons"] = SvgCanvas.Amber,
        ["_random_twin"] = SvgCanvas.Violet,
    };

    public static byte[] Draw(IReadOnlyList<DensitySurvey> surveys)
    {
        var canvas = new SvgCanvas(Width, Bottom + 56, "Histogram of log densities: features beside their nulls");
        canvas.Text(Left, 20, "How often features fire", size: 14);
        var used = Enumerable.Range(0, DensityHistogram.Bins).Where(bin => surveys.Any(survey => survey.Histogram[bin] > 0)).ToList();
        if (used.Count == 0)
        {
            canvas.Text(Left, Top + 20, "None ever fires.");
            return canvas.ToBytes();
        }

        // Whole decades, so that ticks are powers of ten.
        var first = used[0] / DensityHistogram.BinsPerDecade * DensityHistogram.BinsPerDecade;
        var bins = Math.Max(1, (DensityHistogram.Bins - first) / DensityHistogram.BinsPerDecade) * DensityHistogram.BinsPerDecade;
        var axes = new Axes(first, bins, surveys.SelectMany(survey => survey.Histogram.Select(count => Share(survey, count))).Max());
        for (var i = 0; i < surveys.Count; i++)
        {
            DrawSource(canvas, surveys[i], axes, i);
        }

        DrawAxes(canvas, axes);
        return canvas.ToBytes();
    }

    private static void DrawSource(SvgCanvas canvas, DensitySurvey survey, Axes axes, int row)
    {
        var colour = Colours.GetValueOrDefault(survey.Suffix, SvgCanvas.Ink);
        var before = Bottom;
        for (var bin = axes.First; bin < axes.First + axes.Bins; bin++)
        {
            var y = axes.Y(Share(survey, survey.Histogram[bin]));
            if (row == 0)
            {
                canvas.Rectangle(axes.X(bin) + 1, y, axes.X(bin + 1) - axes.X(bin) - 2, Bottom - y, colour);
            }
            else
            {
                canvas.Line(axes.X(bin), before, axes.X(bin), y, colour, 2);
                canvas.Line(axes.X(bin), y, axes.X(bin + 1), y, colour, 2);
            }

            before = y;
        }

        if (row > 0)
        {
            canvas.Line(axes.X(axes.First + axes.Bins), before, axes.X(axes.First + axes.Bins), Bottom, colour, 2);
        }

        var (x, top) = (Left + PlotWidth + 12, Top + 8 + 56 * row);
        canvas.Text(x, top, survey.Name, fill: colour, size: 13);
        canvas.Text(x, top + 17, $"{Format(survey.FeatureCount - survey.Histogram.Sum(), "N0")} of {Format(survey.FeatureCount, "N0")} dead", size: 12);
        if (survey.Bound is { } bound)
        {
            var edge = axes.X(axes.First) + (Math.Log10(bound) - DensityHistogram.Edge(axes.First)) * DensityHistogram.BinsPerDecade * (axes.X(1) - axes.X(0));
            canvas.Line(edge, Top, edge, Bottom, colour, 1.5, "4 3");
            canvas.Text(x, top + 33, $"ultralow below {Format(bound, "0.0e-0")}", size: 12);
        }
    }

    private static void DrawAxes(SvgCanvas canvas, Axes axes)
    {
        canvas.Line(Left, Bottom, Left + PlotWidth, Bottom);
        canvas.Line(Left, Top, Left, Bottom);
        canvas.Text(Left - 6, Top + 8, Format(axes.Highest * 100, "0") + " %", "end", 11);
        canvas.Text(Left - 6, Bottom, "0", "end", 11);
        for (var bin = axes.First; bin <= axes.First + axes.Bins; bin += DensityHistogram.BinsPerDecade)
        {
            canvas.Line(axes.X(bin), Bottom, axes.X(bin), Bottom + 4);
            canvas.Text(axes.X(bin), Bottom + 18, Format(DensityHistogram.Edge(bin), "0"), "middle", 11);
        }

        canvas.Text(Left + PlotWidth / 2, Bottom + 40, "log10 of the share of tokens on which it fires", "middle");
    }

    private static double Share(DensitySurvey survey, long count) => (double)count / survey.FeatureCount;

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>From bins and shares to pixels.</summary>
    private sealed record Axes(int First, int Bins, double Highest)
    {
        public double X(int bin) => Left + PlotWidth * (bin - First) / Bins;

        public double Y(double share) => Bottom - PlotHeight * share / Highest;
    }
}
