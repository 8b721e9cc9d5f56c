using System.Globalization;
using Orchestrator.Abstractions.Analyses.Figures;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Proxies;

/// <summary>
/// A row for each of the proxies that features agree with best: the best feature's activation histogram, the same weighted
/// by activation (paper, "expected-value plot"), and so the best neuron's; each bar is coloured as far as it lies in the proxy.
/// </summary>
internal static class ProxyFigure
{
    private const int MostRows = 8;
    private const double Left = 132;
    private const double Top = 62;
    private const double PlotWidth = 190;
    private const double PlotHeight = 62;
    private const double Gap = 26;
    private const double RowHeight = PlotHeight + 40;
    private const double Width = Left + 3 * PlotWidth + 3 * Gap;

    public static byte[] Draw(IReadOnlyList<Proxy> proxies, IReadOnlyList<ProxySurvey> surveys)
    {
        var (features, neurons) = (surveys[0], surveys[1]);
        var rows = Enumerable.Range(0, proxies.Count)
            .Where(proxy => features.Ranking.BestOf(proxy) is not null)
            .OrderByDescending(proxy => features.Ranking.BestOf(proxy)!.Value.Agreement.Correlation)
            .Take(MostRows)
            .ToList();
        var canvas = new SvgCanvas(Width, Top + RowHeight * Math.Max(1, rows.Count) + 20, "Activation histograms of the best feature and neuron for each proxy, in and out of the proxy");
        canvas.Text(16, 20, "Best feature and neuron for each proxy; grey: outside the proxy", size: 14);
        string[] titles = ["feature: firings", "feature: activation", "neuron: activation"];
        for (var column = 0; column < titles.Length; column++)
        {
            canvas.Text(X(column), 44, titles[column], size: 12);
        }

        if (rows.Count == 0)
        {
            canvas.Text(16, Top + 20, "The text has too little of every proxy.");
        }

        for (var row = 0; row < rows.Count; row++)
        {
            var top = Top + RowHeight * row;
            canvas.Text(16, top + 16, proxies[rows[row]].Name, size: 13);
            DrawFirings(canvas, features, rows[row], X(0), top, SvgCanvas.Blue);
            DrawActivation(canvas, features, rows[row], X(1), top, SvgCanvas.Blue);
            DrawActivation(canvas, neurons, rows[row], X(2), top, SvgCanvas.Amber);
        }

        canvas.Text(Left + (3 * PlotWidth + 2 * Gap) / 2, Top + RowHeight * Math.Max(1, rows.Count) + 8, "activation, from 0 to the maximum in eleven intervals", "middle");
        return canvas.ToBytes();
    }

    private static void DrawFirings(SvgCanvas canvas, ProxySurvey survey, int proxy, double left, double top, string colour) => DrawPanel(
        canvas, survey, proxy, left, top, colour,
        static interval => interval.Firings,
        static interval => interval.Inside,
        static agreement => agreement.Specificity.Value);

    private static void DrawActivation(SvgCanvas canvas, ProxySurvey survey, int proxy, double left, double top, string colour) => DrawPanel(
        canvas, survey, proxy, left, top, colour,
        static interval => interval.Activation,
        static interval => interval.ActivationInside,
        static agreement => agreement.WeightedSpecificity);

    private static void DrawPanel(
        SvgCanvas canvas,
        ProxySurvey survey,
        int proxy,
        double left,
        double top,
        string colour,
        Func<IntervalRow, double> all,
        Func<IntervalRow, double> inside,
        Func<Agreement, double> share)
    {
        if (survey.Ranking.BestOf(proxy) is not { } best || survey.Intervals.Of(proxy) is not { } intervals)
        {
            canvas.Text(left, top + 16, "none fires", size: 11);
            return;
        }

        var bottom = top + PlotHeight;
        var highest = 0.0;
        foreach (var interval in intervals.Span)
        {
            highest = Math.Max(highest, all(interval));
        }

        const double BarWidth = PlotWidth / ActivationIntervals.Count;
        for (var interval = 0; interval < intervals.Length; interval++)
        {
            var x = left + BarWidth * (ActivationIntervals.Count - 1 - interval);
            var height = PlotHeight * all(intervals.Span[interval]) / highest;
            var insideHeight = PlotHeight * inside(intervals.Span[interval]) / highest;
            canvas.Rectangle(x + 1, bottom - insideHeight, BarWidth - 2, insideHeight, colour);
            canvas.Rectangle(x + 1, bottom - height, BarWidth - 2, height - insideHeight, SvgCanvas.Ink);
        }

        canvas.Line(left, bottom, left + PlotWidth, bottom);
        canvas.Text(left, bottom + 14, $"{best.Feature}: r {Format(best.Agreement.Correlation)}, {Percent(share(best.Agreement))} in the proxy", size: 11);
    }

    private static double X(int column) => Left + column * (PlotWidth + Gap);

    private static string Format(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (share * 100).ToString("0", CultureInfo.InvariantCulture) + " %";
}
