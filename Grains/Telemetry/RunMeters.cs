using System.Diagnostics.Metrics;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Grains.Telemetry;

/// <summary>Runs in numbers. Tags are few and short: <c>kind</c> is <c>model</c>, <c>dictionary</c>, <c>analysis</c> …</summary>
internal static class RunMeters
{
    private static readonly Counter<long> AttemptsBegun = TelemetrySource.Meter.CreateCounter<long>(
        "orchestrator.run.attempts", "{attempt}", "Attempts at runs that began, by kind.");

    private static readonly Counter<long> AttemptsLost = TelemetrySource.Meter.CreateCounter<long>(
        "orchestrator.run.attempts.lost", "{attempt}", "Attempts that ended without a result, by kind and failure.");

    private static readonly Counter<long> Ended = TelemetrySource.Meter.CreateCounter<long>(
        "orchestrator.run.ended", "{run}", "Runs that ended, by kind, end and failure.");

    private static readonly Histogram<double> Duration = TelemetrySource.Meter.CreateHistogram<double>(
        "orchestrator.run.duration", "s", "From the first demand for a run to its end, by kind and end.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000] });

    private static readonly Counter<long> Checkpoints = TelemetrySource.Meter.CreateCounter<long>(
        "orchestrator.run.checkpoints", "{checkpoint}", "Checkpoints that became the one to go on from, by kind.");

    private static readonly Counter<long> Refused = TelemetrySource.Meter.CreateCounter<long>(
        "orchestrator.run.commits.refused", "{commit}", "Commits under a lease that was not the newest, by kind.");

    public static void AttemptBegan(StageKey run) => AttemptsBegun.Add(1, Kind(run));

    public static void AttemptLost(StageKey run, FailureClass failure) => AttemptsLost.Add(1, Kind(run), Named("failure", failure));

    public static void CheckpointCommitted(StageKey run) => Checkpoints.Add(1, Kind(run));

    public static void CommitRefused(StageKey run) => Refused.Add(1, Kind(run));

    /// <param name="run">Which ended.</param>
    /// <param name="outcome">How.</param>
    /// <param name="took">Since it was first asked for; null: not known.</param>
    public static void RunEnded(StageKey run, RunOutcome outcome, TimeSpan? took)
    {
        Ended.Add(1, Kind(run), Named("end", outcome.End), Named("failure", outcome.Failure));
        if (took is { } time)
            Duration.Record(time.TotalSeconds, Kind(run), Named("end", outcome.End));
    }

    /// <summary>The key up to its dash.</summary>
    internal static string KindOf(StageKey run) => run.Value.Split('-', 2)[0];

    internal static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static KeyValuePair<string, object?> Kind(StageKey run) => new("kind", KindOf(run));

    private static KeyValuePair<string, object?> Named<T>(string name, T value)
        where T : struct, Enum => new(name, NameOf(value));
}
