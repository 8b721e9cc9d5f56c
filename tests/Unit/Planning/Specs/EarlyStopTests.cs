using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Estimates;
using Orchestrator.Planning.Plans;
using Xunit;

namespace Orchestrator.Unit.Planning.Specs;

/// <summary><c>early_stop</c>: what is read, planned and expected.</summary>
public sealed class EarlyStopTests
{
    private const string Section = "early_stop: { metric: loss_recovered, rungs: [0.25, 0.5] }\n";

    [Fact]
    public void Section_IsRead_WithItsDefault()
    {
        Assert.Null(TestSpec.Spec().EarlyStop);
        Assert.Equal(new EarlyStop("loss_recovered", [0.25, 0.5], 0.5), TestSpec.Spec(TestSpec.Text + Section).EarlyStop);
        Assert.Equal(new EarlyStop("kl_spliced", [0.1], 0.3), TestSpec.Spec(TestSpec.Text + "early_stop: { metric: kl_spliced, rungs: 0.1, keep: 0.3 }\n").EarlyStop);
    }

    [Fact]
    public void Section_DecidesNoResult_AndTwinsDoNotCompete()
    {
        var plain = Plan("");
        var halving = Plan(Section);

        Assert.Equal(plain.Id, halving.Id);
        Assert.Equal(plain.Stages.Select(stage => stage.Key), halving.Stages.Select(stage => stage.Key));
        Assert.All(plain.Stages, stage => Assert.Null(stage.EarlyStop));
        var twin = plain.Stages.Single(stage => stage.Definition is RandomTwinStage).Key;
        Assert.All(halving.Stages, stage => Assert.Equal(stage.Definition is DictionaryStage dictionary && dictionary.Model != twin, stage.EarlyStop is not null));
        Assert.All(Plan(Section, TestSpec.Text.Replace("[512, 1_024, 2_048]", "2_048").Replace("feature-splitting, ", "")).Stages, stage => Assert.Null(stage.EarlyStop)); // one alone
    }

    [Fact]
    public void Estimate_IsWhatIsLeftToTrain()
    {
        Assert.Null(EarlyStopEstimate.Of(Plan("")));
        var estimate = EarlyStopEstimate.Of(Plan(Section))!;

        Assert.Equal((2, 3), (estimate.Models, estimate.Dictionaries));
        Assert.Equal([new RungEstimate(0.25, 3, 2), new RungEstimate(0.5, 2, 1)], estimate.Rungs);
        Assert.Equal(6 * 300_000, estimate.Tokens);
        // On each model 3 for a quarter, 2 for a quarter, 1 for a half.
        Assert.Equal((long)(2 * 300_000 * ((3 * 0.25) + (2 * 0.25) + (1 * 0.5))), estimate.ExpectedTokens);
        Assert.Equal(1 - (1.75 / 3), estimate.Saved, 3);
    }

    [Theory]
    [InlineData("{ metric: l0, rungs: [0.5] }", "early_stop.metric: wrong value; found 'l0'; allowed: loss_recovered, loss_spliced, kl_recovered, kl_spliced, explained_variance, mean_squared_error, cosine_similarity")]
    [InlineData("{ metric: loss_recoverd, rungs: [0.5] }", "(did you mean 'loss_recovered'?)")]
    [InlineData("{ metric: loss_recovered, rungs: [0.5, 0.25] }", "early_stop.rungs: 0.25 after 0.5; found [0.5, 0.25]; allowed: growing shares")]
    [InlineData("{ metric: loss_recovered, rungs: [0.5, 0.5] }", "early_stop.rungs: a value stands twice; found '0.5'; allowed: different values")]
    [InlineData("{ metric: loss_recovered, rungs: [0.5, 1] }", "early_stop.rungs: wrong value; found '1'; allowed: a number above 0 and below 1")]
    [InlineData("{ metric: loss_recovered, rungs: [] }", "allowed: a number above 0 and below 1, or a list of 1 to 10 such values")]
    [InlineData("{ metric: loss_recovered, rungs: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.11] }", "or a list of 1 to 10 such values")]
    [InlineData("{ metric: loss_recovered, rungs: [0.999] }", "early_stop.rungs: of 146 steps (dictionaries.tokens / batch_size), 0.999 is the last; found [0.999]; allowed: rungs at different steps before the last")]
    [InlineData("{ metric: loss_recovered, rungs: [0.5, 0.5001, 0.505] }", "0.5001 and 0.505 are one")]
    [InlineData("{ metric: loss_recovered, rungs: [0.5], keep: 1 }", "early_stop.keep: wrong value; found '1'; allowed: a number above 0 and below 1")]
    [InlineData("{ metric: loss_recovered }", "missing key 'early_stop.rungs'")]
    [InlineData("{ rungs: [0.5] }", "missing key 'early_stop.metric'")]
    [InlineData("{ metric: loss_recovered, rungs: [0.5], patience: 3 }", "unknown key 'patience' in early_stop; allowed: metric, rungs, keep")]
    public void Mistakes_NameWhatIsAllowed(string section, string expected)
    {
        var problem = Assert.Single(TestSpec.Read($"{TestSpec.Text}early_stop: {section}\n").Problems);
        Assert.Contains(expected, problem.ToString(), StringComparison.Ordinal);
        Assert.Equal(TestSpec.Text.Count(character => character == '\n') + 1, problem.Line);
    }

    private static ExperimentPlan Plan(string section, string text = TestSpec.Text) => Planner.Plan(TestSpec.Spec(text + section), TestPlugins.Catalog, "fingerprint");
}
