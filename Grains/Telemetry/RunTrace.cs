using System.Diagnostics;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Grains.Telemetry;

/// <summary>
/// A run is a trace from the first demand to its result: spans of one or many processes, over days and restarts. What joins
/// them is the first span's id, which the run's state keeps. Without an exporter there are no spans, and nothing is kept.
/// </summary>
public static class RunTrace
{
    /// <summary>The first span of a run's trace, over as soon as it began.</summary>
    /// <returns>Its id, in W3C's <c>traceparent</c> form; null: nobody listens.</returns>
    internal static string? Ask(StageKey run, ExperimentId experiment)
    {
        // A trace of its own: the experiment's call may be part of another one, and comes again.
        var caller = Activity.Current;
        Activity.Current = null;
        try
        {
            using var span = TelemetrySource.Traces.StartActivity("run asked for", ActivityKind.Internal, default(ActivityContext), Tags(run, ("experiment", experiment.Value)), Links(caller));
            return span?.Id;
        }
        finally
        {
            Activity.Current = caller;
        }
    }

    /// <summary>A span of a run's trace that ends when it is disposed of; null: nobody listens, or the run has no trace.</summary>
    /// <param name="trace">What <see cref="Ask"/> gave.</param>
    /// <param name="name">What is done.</param>
    /// <param name="run">For which run.</param>
    /// <param name="tags">What else is known.</param>
    public static Activity? Span(string? trace, string name, StageKey run, params (string Name, object? Value)[] tags) =>
        Start(trace, name, run, default, tags);

    /// <summary>The span of the time that a run waited for its first device, until now.</summary>
    internal static void Queued(string? trace, StageKey run, DateTimeOffset from)
    {
        using var span = Start(trace, "queued", run, from);
    }

    /// <summary>The span of a whole run, which ends now.</summary>
    internal static void Ended(string? trace, StageKey run, DateTimeOffset from, RunOutcome outcome, int attempts)
    {
        using var span = Start(trace, "run", run, from, ("attempts", attempts));
        span?.Conclude(outcome);
    }

    /// <summary>Notes how what a span is of ended.</summary>
    public static void Conclude(this Activity? span, RunOutcome outcome)
    {
        span?.SetTag("end", RunMeters.NameOf(outcome.End));
        if (outcome.End != RunEnd.Failed)
            return;

        span?.SetTag("failure", RunMeters.NameOf(outcome.Failure));
        span?.SetStatus(ActivityStatusCode.Error, outcome.Reason);
    }

    /// <param name="from">When it began; the default: now.</param>
    private static Activity? Start(string? trace, string name, StageKey run, DateTimeOffset from, params (string Name, object? Value)[] tags) =>
        ActivityContext.TryParse(trace, null, isRemote: true, out var parent)
            ? TelemetrySource.Traces.StartActivity(name, ActivityKind.Internal, parent, Tags(run, tags), null, from)
            : null;

    private static IEnumerable<KeyValuePair<string, object?>> Tags(StageKey run, params (string Name, object? Value)[] tags) =>
    [
        new("run", run.Value),
        new("kind", RunMeters.KindOf(run)),
        .. tags.Select(tag => KeyValuePair.Create(tag.Name, tag.Value)),
    ];

    private static ActivityLink[]? Links(Activity? caller) => caller is null ? null : [new ActivityLink(caller.Context)];
}
