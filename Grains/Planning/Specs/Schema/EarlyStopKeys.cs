using Orchestrator.Abstractions.Results;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Keys of <c>early_stop</c>: nothing of them decides a result, so that none is part of an address.</summary>
internal static class EarlyStopKeys
{
    /// <summary>More rungs would save little and measure often.</summary>
    public const int MaxRungs = 10;

    public static TextKey Metric { get; } = new("metric", "What decides, measured at a rung as at the end (`evaluation`). Each of these prefers less sparse dictionaries: where sparsity is swept too, they win.")
    {
        Required = true,
        Values = [.. RankingMetric.All.Select(metric => metric.Name)],
    };

    public static ListKey<double> Rungs { get; } = new(new NumberKey("rungs", "Shares of a dictionary's tokens, growing, at which it is decided.", 0, 1) { AboveMinimum = true, BelowMaximum = true }, MaxRungs)
    {
        Required = true,
    };

    public static NumberKey Keep { get; } = new("keep", "Share of those that reach a rung which goes on from there, rounded up.", 0, 1)
    {
        AboveMinimum = true,
        BelowMaximum = true,
        Default = Abstractions.Stages.EarlyStop.DefaultKeep,
    };
}
