using System.Globalization;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Grains.Runs;

/// <summary>
/// What a failed attempt costs its run, by class. Each class has a budget of its own; a run that comes further gets those
/// of lost and crashed attempts back.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term>preempted, disk full</term><description>nothing: again from the checkpoint, when there is a device, or room</description></item>
/// <item><term>infrastructure</term><description>again from the checkpoint, <c>retry.lost_attempts</c> in a row without a new one</description></item>
/// <item><term>out of memory</term><description>in company: apart; alone: <c>retry.out_of_memory</c> times more</description></item>
/// <item><term>crash</term><description>in company: apart, to find the guilty one; three in the same place: quarantined</description></item>
/// <item><term>plugin</term><description><c>retry.plugin</c> times more, by default none</description></item>
/// <item><term>internal</term><description>in company: apart; alone: none more</description></item>
/// <item><term>diverged, bad data, torn artefact</term><description>none more: the same would come of it. What is torn, the experiment computes again</description></item>
/// </list>
/// </remarks>
internal static class FailurePolicy
{
    /// <summary>Books a failed attempt in the run's state.</summary>
    /// <returns>The run's end; null: it is tried again.</returns>
    public static RunOutcome? Book(StageRunState state, RunOutcome attempt, RunOptions options) => attempt.Failure switch
    {
        FailureClass.Preempted or FailureClass.DiskFull => null,
        FailureClass.Infrastructure => Lost(state, attempt, options),
        FailureClass.OutOfMemory when attempt.IsInCompany => Apart(state),
        FailureClass.OutOfMemory => Repeat(++state.OutOfMemoryAttempts, state.OutOfMemoryRetries ?? options.OutOfMemoryRetries, attempt),
        FailureClass.Crash => Crashed(state, attempt, options),
        FailureClass.Plugin => Repeat(++state.PluginAttempts, state.PluginRetries ?? options.PluginRetries, attempt),
        FailureClass.Internal when attempt.IsInCompany => Apart(state),
        _ => attempt,
    };

    private static RunOutcome? Lost(StageRunState state, RunOutcome attempt, RunOptions options)
    {
        state.FruitlessAttempts++;
        return state.FruitlessAttempts < (state.LostAttempts ?? options.AttemptsWithoutProgress)
            ? null
            : RunOutcome.Failed(
                FailureClass.Infrastructure,
                $"{state.FruitlessAttempts} attempts in a row were lost without a new checkpoint; the last: {attempt.Reason}");
    }

    private static RunOutcome? Repeat(int failures, int retries, RunOutcome attempt) =>
        failures <= retries ? null
        : failures == 1 ? attempt
        : RunOutcome.Failed(attempt.Failure, string.Create(CultureInfo.InvariantCulture, $"{attempt.Reason} ({failures} attempts)"));

    private static RunOutcome? Apart(StageRunState state)
    {
        state.IsApart = true;
        return null;
    }

    /// <summary>Only a run that was alone is ever found guilty.</summary>
    private static RunOutcome? Crashed(StageRunState state, RunOutcome attempt, RunOptions options)
    {
        state.CrashedAttempts++;
        state.Crashes.AddRange(attempt.Evidence?.Ends ?? []);
        if (attempt.IsInCompany)
            return Apart(state);

        if (state.CrashedAttempts < options.CrashesUntilQuarantine)
            return null;

        var step = state.Checkpoint?.Step ?? 0;
        var place = step > 0 ? string.Create(CultureInfo.InvariantCulture, $"after the checkpoint of step {step}") : "before any checkpoint";
        var last = state.Crashes is [.., var end] ? $"{end.Text}{(end.Error is { } error ? $": {error}" : "")}" : attempt.Reason;
        return RunOutcome.Failed(
            FailureClass.Quarantined,
            string.Create(CultureInfo.InvariantCulture, $"it took its process down {state.CrashedAttempts} times {place}; the last {last}"))
            with { Evidence = new FailureEvidence(step, [.. state.Crashes]) };
    }
}
