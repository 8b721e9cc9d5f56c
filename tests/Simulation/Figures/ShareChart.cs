using Orchestrator.Simulation.Measures;
using ScottPlot;

namespace Orchestrator.Simulation.Figures;

/// <summary>Shares over time against weights, for a handful of experiments.</summary>
internal static class ShareChart
{
    private const int Width = 1_000;
    private const int Height = 460;
    /// <summary>Of light and dark pages alike readable.</summary>
    private static readonly string[] Colours = ["#3b82f6", "#d08700", "#8b5cf6", "#0f9d76", "#d9485f"];

    /// <param name="meter">What was measured.</param>
    /// <param name="until">The end of the workload.</param>
    /// <param name="path">Where to, without an extension: both an SVG and a PNG are written.</param>
    public static void Write(ShareMeter meter, TimeSpan until, string path)
    {
        using var plot = new Plot();
        plot.Title("Devices of experiments that always have work: share by the hour (line), weight (dashes)");
        plot.XLabel("days");
        plot.YLabel("share of what they held, %");
        var windows = meter.Windows.Where(window => window.End <= until).ToList();
        foreach (var (experiment, number) in Handful(windows).Select((experiment, number) => (experiment, number)))
            Draw(plot, windows, experiment, meter.Names[experiment], Color.FromHex(Colours[number]));

        plot.Axes.AutoScale();
        plot.Axes.SetLimits(0, until.TotalDays, 0, plot.Axes.GetLimits().Top);
        plot.ShowLegend(Edge.Right);
        plot.SavePng($"{path}.png", Width, Height);
        plot.SaveSvg($"{path}.svg", Width, Height);
    }

    /// <summary>Those whose weight changes, and others up to as many as there are colours, the greatest weights first.</summary>
    private static IEnumerable<int> Handful(List<ShareWindow> windows) => Enumerable.Range(0, windows[0].Weights.Length)
        .OrderByDescending(i => Math.Abs((windows[^1].Weights[i] / windows[0].Weights[i]) - 1) > 0.35)
        .ThenByDescending(i => windows[^1].Weights[i])
        .Take(Colours.Length)
        .OrderByDescending(i => windows[^1].Weights[i]);

    private static void Draw(Plot plot, List<ShareWindow> windows, int experiment, string name, Color colour)
    {
        double[] days = [.. windows.Select(window => window.End.TotalDays)];
        var share = plot.Add.ScatterLine(days, [.. windows.Select(window => 100 * window.Shares[experiment])], colour);
        share.LineWidth = 2;
        share.LegendText = name;
        var weight = plot.Add.ScatterLine(days, [.. windows.Select(window => 100 * window.Weights[experiment])], colour.WithAlpha(0.7));
        weight.LinePattern = LinePattern.Dashed;
        weight.LineWidth = 1;
    }
}
