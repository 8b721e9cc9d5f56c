using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Grains.Runs;

/// <content>What experiments are told.</content>
public abstract partial class StageRunGrain
{
    private void NotifyOfEnd()
    {
        var outcome = State.Outcome!;
        NotifyWaiting(experiment => experiment.StageEnded(Stage, outcome, CancellationToken.None));
    }

    /// <summary>
    /// Not awaited: an experiment may be waiting for the scheduler, and the scheduler for this grain. A message that is
    /// lost is made good by the experiment, which asks again and again.
    /// </summary>
    private void NotifyWaiting(Func<IExperimentGrain, Task> tell)
    {
        foreach (var experiment in State.Waiting)
            _ = Notify(experiment, tell);
    }

    private async Task Notify(ExperimentId experiment, Func<IExperimentGrain, Task> tell)
    {
        try
        {
            await tell(GrainFactory.GetGrain<IExperimentGrain>(experiment.Value));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotTold(e, experiment, Stage);
        }
    }
}
