using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Runs;
using Orchestrator.Grains.Experiments;
using Xunit;

namespace Orchestrator.Unit.Grains;

public sealed class SuccessiveHalvingTests
{
    private const long Steps = 100;

    private static readonly StageKey Model = new("model-1");
    private static readonly EarlyStop Halving = new("loss_recovered", [0.25, 0.5], 0.5);

    [Theory]
    [InlineData(0.5, 1, 1)]
    [InlineData(0.5, 5, 3)]
    [InlineData(0.1, 5, 1)]
    [InlineData(0.07, 100, 7)] // in binary a little more than 7
    [InlineData(0.99, 3, 3)]
    [InlineData(0.5, 0, 0)]
    public void Survivors_AreRoundedUp_AndAtLeastOne(double keep, int ranked, int expected) =>
        Assert.Equal(expected, (Halving with { Keep = keep }).Survivors(ranked));

    [Theory]
    [InlineData(0.25, 100, 25)]
    [InlineData(0.25, 30, 8)]
    [InlineData(0.07, 100, 7)]
    [InlineData(0.001, 10, 1)]
    [InlineData(0.9, 1, 1)]
    public void Rung_IsTheFirstStepThatHasSeenItsShare(double rung, long steps, long expected) => Assert.Equal(expected, EarlyStop.StepOf(rung, steps));

    [Fact]
    public void Rung_IsDecidedOnceAllThatMayComeWereMeasured()
    {
        Competitor[] field = [Open("a", 0.9), Open("b", 0.7), Open("c")];
        Assert.Empty(Decide(field));
        Assert.Equal("waits at 25 %: 1 of 3 has not come there", SuccessiveHalving.Waiting(Halving, Model, 0.25, field, []));

        field[2] = Open("c", 0.8);
        var decision = Assert.Single(Decide(field));
        Assert.Equal((0.25, 2), (decision.Rung, decision.Kept));
        Assert.Equal(["a", "c", "b"], decision.Places.Select(place => place.Stage.Value));
        Assert.Equal("b", Assert.Single(SuccessiveHalving.Outside([decision])).Key.Value);
    }

    [Fact]
    public void NextRung_IsAmongThoseThatAreLeft()
    {
        Competitor[] field = [Open("a", 0.9, 0.91), Open("b", 0.7), Open("c", 0.8, 0.95), Open("d", 0.6)];

        var decisions = Decide(field);

        Assert.Equal([(4, 2), (2, 1)], decisions.Select(decision => (decision.Places.Count, decision.Kept)));
        Assert.Equal(["a", "b", "d"], SuccessiveHalving.Outside(decisions).Keys.Select(key => key.Value).Order());
    }

    [Theory]
    [InlineData("loss_recovered", "b")]
    [InlineData("mean_squared_error", "a")]
    public void Metric_SaysWhichDirectionIsBetter(string metric, string stopped)
    {
        Competitor[] field = [Open("a", 0.9) with { Rungs = [Result(0.25, 0.9, metric)] }, Open("b", 0.7) with { Rungs = [Result(0.25, 0.7, metric)] }];

        var decision = Assert.Single(SuccessiveHalving.Decide(Halving with { Metric = metric }, Model, field, []));

        Assert.Equal(stopped, decision.Places[^1].Stage.Value);
    }

    [Fact]
    public void Equals_KeepThePlansOrder_AndWhatIsNoNumberIsLast()
    {
        Competitor[] field = [Open("a", double.NaN), Open("b", 0.5), Open("c", 0.5), Open("d", double.NegativeInfinity)];

        Assert.Equal(["b", "c", "d", "a"], Assert.Single(Decide(field)).Places.Select(place => place.Stage.Value));
    }

    [Fact]
    public void WhoIsBeyondARungWithoutAValue_NeitherCompetesNorCounts()
    {
        Competitor[] field = [Open("a", 0.9), Open("b", 0.8), Open("c") with { Step = 26 }, Ended("d"), Open("e") with { Steps = 1 }];

        var decision = Assert.Single(Decide(field));

        Assert.Equal(["a", "b"], decision.Places.Select(place => place.Stage.Value));
        Assert.Equal(1, decision.Kept);
    }

    [Fact]
    public void WhoStandsAtARung_IsWaitedFor() => Assert.Empty(Decide([Open("a", 0.9), Open("b") with { Step = 25 }]));

    [Fact]
    public void WhoHasEndedWithValues_TakesAPlace()
    {
        var decisions = Decide([Ended("a", 0.9, 0.95), Open("b", 0.8), Open("c", 0.85, 0.9)]);

        Assert.Equal(["a", "c"], decisions[1].Places.Select(place => place.Stage.Value));
        Assert.Equal(["b", "c"], SuccessiveHalving.Outside(decisions).Keys.Select(key => key.Value).Order());
    }

    [Fact]
    public void OneAlone_GoesOn()
    {
        Assert.All(Decide([Open("a", 0.1, 0.1)]), decision => Assert.Equal((1, 1), (decision.Places.Count, decision.Kept)));
        Assert.All(Decide([Ended("a")]), decision => Assert.Equal((0, 0), (decision.Places.Count, decision.Kept)));
    }

    [Fact]
    public void WhatWasDecided_Stays()
    {
        var taken = new RungDecision(Model, 0.25, "loss_recovered", [new(new("b"), 0.7), new(new("a"), 0.6)], 1);

        // The one that was kept has failed since, and somebody came late: neither changes what was said.
        var made = SuccessiveHalving.Decide(Halving, Model, [Open("a", 0.6), Open("late", 0.1, 0.2)], [taken]);

        Assert.Equal(["late"], Assert.Single(made).Places.Select(place => place.Stage.Value));
    }

    [Theory]
    [InlineData(1, 1, "1st of 12, 1 goes on")]
    [InlineData(2, 2, "2nd of 12, 2 go on")]
    [InlineData(11, 3, "11th of 12, 3 go on")]
    public void Reason_IsASentence(int rank, int kept, string end)
    {
        var decision = new RungDecision(Model, 0.125, "loss_recovered", [.. Enumerable.Range(1, 12).Select(i => new RungPlace(new($"{i}"), 0.9123456))], kept);

        Assert.Equal($"stopped early at 12.5 % of its tokens: loss_recovered 0.9123 is {end}", SuccessiveHalving.Reason(decision, new($"{rank}")));
    }

    /// <summary>However values arrive, and however often it is decided in between, everybody ends in the same place.</summary>
    [Fact]
    public void Decisions_DoNotDependOnTheOrderOfArrival()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var rule = Halving with { Keep = 0.05 + (0.9 * random.NextDouble()) };
            var values = Enumerable.Range(0, random.Next(1, 12)).Select(_ => new[] { Math.Round(random.NextDouble(), 1), Math.Round(random.NextDouble(), 1) }).ToArray();
            IReadOnlyList<Competitor> Field(Func<int, int> reached) => [.. values.Select((two, i) => Open($"{i}", two[..reached(i)]))];
            var atOnce = SuccessiveHalving.Decide(rule, Model, Field(_ => 2), []);

            var reached = new int[values.Length];
            var taken = new List<RungDecision>();
            while (taken.Count < 2)
            {
                var i = random.Next(values.Length);
                if (reached[i] == taken.Count && !SuccessiveHalving.Outside(taken).ContainsKey(new($"{i}")))
                    reached[i]++; // it goes on only where that was decided

                taken.AddRange(SuccessiveHalving.Decide(rule, Model, Field(j => reached[j]), taken));
            }

            Assert.Equal(atOnce.Select(decision => decision.Kept), taken.Select(decision => decision.Kept));
            Assert.Equal(atOnce.SelectMany(decision => decision.Places), taken.SelectMany(decision => decision.Places));
        }
    }

    private static IReadOnlyList<RungDecision> Decide(IReadOnlyList<Competitor> field) => SuccessiveHalving.Decide(Halving, Model, field, []);

    private static Competitor Open(string key, params double[] values) => new(new(key), Results(values), true, 0, Steps);

    private static Competitor Ended(string key, params double[] values) => new(new(key), Results(values), false, Steps, Steps);

    private static IReadOnlyList<RungResult> Results(double[] values) => [.. values.Select((value, i) => Result(Halving.Rungs[i], value))];

    private static RungResult Result(double rung, double value, string metric = "loss_recovered") =>
        new(rung, EarlyStop.StepOf(rung, Steps), new Dictionary<string, double> { [metric] = value });
}
