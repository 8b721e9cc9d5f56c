using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;
using Orchestrator.Grains.Runs;
using Xunit;

namespace Orchestrator.Unit.Grains;

/// <summary>Where a run waits, by what the experiments that want it have decided.</summary>
public sealed class RungStateTests
{
    private static readonly ExperimentId First = new("first-1");
    private static readonly ExperimentId Second = new("second-1");

    [Fact]
    public void Run_IsHeldWhereEverybodyHasYetToDecide()
    {
        var state = State((First, [0.25, 0.5]), (Second, [0.25]));
        state.Keep(Result(0.25));
        Assert.Equal(0.25, state.HeldAt);

        state.Competitions[0].Passed.Add(0.25);
        Assert.Null(state.HeldAt); // one lets it go on

        state.Keep(Result(0.5));
        Assert.Null(state.HeldAt); // the second does not decide there
    }

    [Fact]
    public void Run_ThatSomebodyWantsWhole_IsNotHeld()
    {
        var state = State((First, [0.25]));
        state.Waiting.Add(Second);
        state.Keep(Result(0.25));
        Assert.Null(state.HeldAt);
    }

    [Fact]
    public void Run_OfNobody_OrThatHasEnded_IsNotHeld()
    {
        var state = new StageRunState();
        state.Keep(Result(0.25));
        Assert.Null(state.HeldAt);

        state = State((First, [0.25]));
        state.Keep(Result(0.25));
        state.Outcome = RunOutcome.Completed;
        Assert.Null(state.HeldAt);
    }

    [Fact]
    public void Run_IsHeldAtTheFirstOfThem()
    {
        var state = State((First, [0.25, 0.5]));
        state.Keep(Result(0.5));
        state.Keep(Result(0.25));
        Assert.Equal(0.25, state.HeldAt);

        state.Competitions[0].Passed.Add(0.25);
        Assert.Equal(0.5, state.HeldAt);
    }

    [Fact]
    public void OpenRungs_AreEverybodys_OnceAndGrowing()
    {
        var state = State((First, [0.5, 0.75]), (Second, [0.25, 0.5]));
        Assert.Equal([0.25, 0.5, 0.75], state.OpenRungs);

        state.Keep(Result(0.5));
        state.Keep(Result(0.5)); // measured again after a crash
        Assert.Equal([0.25, 0.75], state.OpenRungs);
        Assert.Single(state.Rungs);
    }

    [Fact]
    public void NewDemandAfterAnEnd_KeepsWhatWasMeasured_AndForgetsWhoWaited()
    {
        var state = State((First, [0.25]));
        state.Keep(Result(0.25));
        state.Outcome = RunOutcome.Cancelled;

        state.Absolve();

        Assert.Empty(state.Waiting);
        Assert.Empty(state.Competitions);
        Assert.Single(state.Rungs);
    }

    private static StageRunState State(params (ExperimentId Experiment, List<double> Rungs)[] competitions) => new()
    {
        Waiting = [.. competitions.Select(competition => competition.Experiment)],
        Competitions = [.. competitions.Select(competition => new Competition { Experiment = competition.Experiment, Rungs = competition.Rungs })],
    };

    private static RungResult Result(double rung) => new(rung, (long)(rung * 100), new Dictionary<string, double> { ["loss_recovered"] = 0.5 });
}
