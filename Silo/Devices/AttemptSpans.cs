using System.Diagnostics;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;
using Orchestrator.Grains.Telemetry;

namespace Orchestrator.Silo.Devices;

/// <summary>The spans of one lease's attempts, one for each run of the job. Of the device thread.</summary>
internal sealed class AttemptSpans(string device, long epoch)
{
    private readonly Dictionary<StageKey, Activity> _open = [];

    /// <param name="run">Whose attempt begins.</param>
    /// <param name="start">What its grain answered.</param>
    public void Begin(StageKey run, RunStart start)
    {
        if (RunTrace.Span(start.Trace, "attempt", run, ("device", device), ("epoch", epoch), ("from_step", start.Checkpoint?.Step ?? 0)) is { } span)
            _open[run] = span;

        Activity.Current = null; // spans of one job stand beside each other, and no call is part of them
    }

    public void Checkpoint(StageKey run, long step)
    {
        if (_open.TryGetValue(run, out var span))
            span.AddEvent(new ActivityEvent("checkpoint", tags: new ActivityTagsCollection { ["step"] = step }));
    }

    /// <param name="run">Whose attempt ended; again: nothing happens.</param>
    /// <param name="outcome">How; null: it goes on under another lease.</param>
    public void End(StageKey run, RunOutcome? outcome)
    {
        if (!_open.Remove(run, out var span))
            return;

        if (outcome is null)
            span.SetTag("end", "interrupted");
        else
            span.Conclude(outcome);

        span.Dispose();
        Activity.Current = null;
    }

    /// <summary>Ends what is open: the lease was lost, or its device is wanted for something else.</summary>
    public void EndAll()
    {
        foreach (var run in _open.Keys.ToList())
            End(run, null);
    }
}
