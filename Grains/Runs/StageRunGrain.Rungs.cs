using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Grains.Runs;

/// <content>
/// Rungs of early stopping. What was measured at one is kept for good; whether the run waits there follows from what the
/// experiments that want the stage have decided, so that one which wants the whole dictionary never waits for another's.
/// </content>
public abstract partial class StageRunGrain
{
    public async Task<RungAnswer> ReportRung(long epoch, RungResult result, CancellationToken cancellationToken)
    {
        if (epoch == State.HeldEpoch && State.Rungs.Exists(known => known.Rung == result.Rung))
            return new RungAnswer(CommitOutcome.Accepted, IsHeld: true); // an earlier call, whose answer was lost

        var verdict = Judge(epoch);
        if (verdict != CommitOutcome.Accepted)
            return new RungAnswer(verdict, IsHeld: false);

        State.Keep(result);
        var isHeld = State.IsHeldAt(result.Rung);
        if (isHeld)
        {
            State.ClosedEpoch = State.HeldEpoch = epoch;
            _progress = null;
        }

        await Save();
        LogRung(Stage, result.Rung, result.Step, isHeld);
        if (isHeld)
            NotifyWaiting(experiment => experiment.StageAtRung(Stage, result, CancellationToken.None));

        return new RungAnswer(CommitOutcome.Accepted, isHeld);
    }

    public async Task<bool> Pass(ExperimentId experiment, double rung, CancellationToken cancellationToken)
    {
        if (State.Competitions.Find(entry => entry.Experiment == experiment) is not { } competition)
            return false;

        if (!competition.Passed.Contains(rung))
        {
            competition.Passed.Add(rung);
            await Save();
        }

        return true;
    }

    public async Task Leave(ExperimentId experiment, CancellationToken cancellationToken)
    {
        if (!State.Waiting.Remove(experiment))
            return;

        State.Competitions.RemoveAll(entry => entry.Experiment == experiment);
        await Save();
    }

    /// <summary>A demand anew decides anew, from what is known.</summary>
    private void Enter(ExperimentId experiment, PlannedStage stage)
    {
        State.Competitions.RemoveAll(entry => entry.Experiment == experiment);
        if (stage.EarlyStop is { } earlyStop)
            State.Competitions.Add(new Competition { Experiment = experiment, Rungs = [.. earlyStop.Rungs] });
    }
}
