using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary>Hands plans to their experiments.</summary>
internal static class Submissions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(300);

    /// <summary>Makes a plan the desired state of its experiment; durable when it returns.</summary>
    public static Task Submit(IGrainFactory grains, ExperimentPlan plan, CancellationToken cancellationToken) =>
        grains.GetGrain<IExperimentGrain>(plan.Id.Value).Submit(Of(plan), cancellationToken);

    /// <summary>The same, sent again while a silo is replaced: submitting twice is submitting once.</summary>
    /// <exception cref="CommandFailure">There was no answer for long; it may have been submitted or not.</exception>
    public static async Task SubmitPatiently(IGrainFactory grains, ExperimentPlan plan, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                await Submit(grains, plan, cancellationToken);
                return;
            }
            catch (Exception ex) when (ex is OrleansException or TimeoutException)
            {
                if (time.GetElapsedTime(start) > Patience)
                {
                    throw new CommandFailure(ExitCodes.Failed, $"The cluster has not acknowledged {plan.Id} within {Patience.TotalSeconds:0} s: {ex.Message} Submit it again: if it was submitted, that changes nothing.", ex);
                }

                await Task.Delay(BetweenTries, time, cancellationToken);
            }
        }
    }

    /// <summary>A submission does not end a pause: somebody meant it.</summary>
    public static string PausedMessage(ExperimentId id, StoreLayout layout) =>
        $"{id} is paused; to let it go on: {CommandLineText.WithArguments(["resume", id.Value, "--store", layout.Root])}";

    private static ExperimentSubmission Of(ExperimentPlan plan) => new(
        plan.Name,
        plan.SpecText,
        [.. plan.Stages.Select(stage => new PlannedStage(stage.Key, stage.Label, stage.Definition.ToJson(), stage.Definition.DependsOn, stage.Stream)
        {
            LostAttempts = plan.Demand.LostAttempts,
            OutOfMemoryRetries = plan.Demand.OutOfMemoryRetries,
            PluginRetries = plan.Demand.PluginRetries,
            EarlyStop = stage.EarlyStop,
        })])
    {
        Demand = new ExperimentDemand
        {
            Priority = plan.Demand.Priority,
            Weight = plan.Demand.Weight,
            MaxDevices = plan.Demand.MaxDevices,
            MemoryBytes = plan.Demand.MemoryBytes,
        },
    };
}
