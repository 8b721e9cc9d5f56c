using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Grains.Experiments;
using Orchestrator.Planning.Estimates;
using Orchestrator.Planning.Plans;
using Orchestrator.Unit.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Estimates;

public sealed class PlanEstimateTests : IDisposable
{
    private const string Extended = "[512, 1_024, 2_048, 1_536, 4_096]";

    private readonly TimedStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void WithoutMeasurements_NoTimeIsInvented()
    {
        var estimate = Assert.Single(Estimates(TestSpec.Text));

        Assert.Null(estimate.Device);
        Assert.All(estimate.Jobs, job => Assert.Null(job.Time));
        Assert.Equal(Plan(TestSpec.Text).Stages.Count, estimate.Unknown);
    }

    [Fact]
    public void WhatWasMeasured_IsTheEstimateOfTheSame()
    {
        Compute(TestSpec.Text);
        var estimate = Assert.Single(Estimates(TestSpec.Text.Replace("seeds: [1, 2]", "seeds: [3]").Replace("universality, ", "")));

        Assert.Equal("cpu", estimate.Device);
        Assert.Equal(0, estimate.Unknown);
        Assert.False(estimate.IsScaled);
        Assert.Equal(20, Job(estimate, "model").Time!.Duration.TotalSeconds, 3);
        // Three dictionaries whose steps take 3, 6 and 12 s; the job took 31 s, so that 10 s are the stream's.
        var stream = estimate.Jobs.Single(job => job.Stages.Count == 3);
        Assert.Equal([3.0, 6.0, 12.0], stream.Stages.Select(stage => Math.Round(stage.Time!.Duration.TotalSeconds, 3)));
        Assert.Equal(10, stream.SharedTime!.Duration.TotalSeconds, 3);
        Assert.Equal(31, stream.Time!.Duration.TotalSeconds, 3);
    }

    [Fact]
    public void OtherSizes_AreScaledAndSaySo()
    {
        Compute(TestSpec.Text);
        var estimate = Assert.Single(Estimates(TestSpec.Text.Replace("[512, 1_024, 2_048]", Extended)));

        var stream = estimate.Jobs.First(job => job.Stream is not null);
        // On the line between 6 s at 1,024 and 12 s at 2,048, and on beyond.
        Assert.Equal([9.0, 24.0], stream.Stages.Select(stage => Math.Round(stage.Time!.Duration.TotalSeconds, 3)));
        Assert.True(stream.Time!.IsScaled);
        Assert.True(estimate.IsScaled);
    }

    [Fact]
    public void KindsThatWereNeverMeasured_AreCounted()
    {
        Compute(TestSpec.Text);
        var estimate = Assert.Single(Estimates(TestSpec.Text.Replace("  random_twin: [2_048]", "  architecture: gated").Replace("[universality, feature-splitting, feature-report]", "[]")));

        Assert.Equal(7, estimate.Unknown); // six dictionaries and the twin's
        Assert.Equal(TimeSpan.Zero, estimate.Total);
    }

    [Fact]
    public void EveryKindOfDevice_HasItsOwnRates()
    {
        Compute(TestSpec.Text);
        Compute(TestSpec.Text.Replace("seeds: [1, 2]", "seeds: [4, 5]"), 0.1, "cuda");

        var estimates = Estimates(TestSpec.Text.Replace("seeds: [1, 2]", "seeds: [6]").Replace("universality, ", ""));

        Assert.Equal(["cpu", "cuda"], estimates.Select(estimate => estimate.Device));
        Assert.Equal([20.0, 2.0], estimates.Select(estimate => Math.Round(Job(estimate, "model").Time!.Duration.TotalSeconds, 3)));
    }

    [Fact]
    public void LongestChain_LeavesOutWhatRunsBesides()
    {
        Compute(TestSpec.Text);
        var text = TestSpec.Text.Replace("seeds: [1, 2]", "seeds: [7, 8]").Replace("[universality, feature-splitting, feature-report]", "[]").Replace("  random_twin: true\n", "").Replace("  random_twin: [2_048]\n", "");
        var estimate = Assert.Single(Estimates(text));

        Assert.Equal(2 * (20 + 31), estimate.Total.TotalSeconds, 3);
        Assert.Equal(20 + 31, estimate.LongestChain(Plan(text)).TotalSeconds, 3);
    }

    [Fact]
    public void Memory_IsThatOfAStreamWithAllItsDictionaries()
    {
        var estimate = Assert.Single(Estimates(TestSpec.Text));

        var stream = estimate.Jobs.First(job => job.Stages.Count == 3);
        var own = new[] { 512, 1_024, 2_048 }.Sum(size => MemoryNeed.OfDictionary(new DictionaryDefinition { FeatureCount = size, Tokens = 1, Seed = 1 }, 512, 512));
        // Vocabulary 512, width 32, context 128, d_mlp 512: embeddings, positions, attention, MLP, three normalisations.
        const long Parameters = (2 * 512 * 32) + (128 * 32) + (4 * 32 * 33) + (2 * 32 * 512) + 512 + 32 + (4 * 32) + (2 * 32);
        Assert.Equal(own + ((Parameters + (65_536L * 512)) * 4), stream.MemoryBytes);
    }

    [Fact]
    public void TornTimings_ArePassedOver()
    {
        Compute(TestSpec.Text);
        foreach (var folder in Directory.GetDirectories(_store.Store.Layout.Artefacts))
        {
            File.WriteAllText(Path.Combine(folder, StageTiming.FileName), "{ torn");
        }

        Assert.Empty(MeasuredRates.Read(_store.Store).Devices);
    }

    [Fact]
    public void Scheduler_IsToldTheSame_ButWhatTheSpecSaysOfMemory()
    {
        Compute(TestSpec.Text);
        var stages = Plan(TestSpec.Text.Replace("[1, 2]", "[1, 2, 9]")).Stages
            .Select(stage => new PlannedStage(stage.Key, stage.Label, stage.Definition.ToJson(), stage.Definition.DependsOn, stage.Stream)).ToList();
        var ready = stages.FindAll(stage => stage.Label.EndsWith("model seed 9", StringComparison.Ordinal) && stage.Stream is not null);
        var demands = new JobDemands(_store.Store, TimeProvider.System);

        var estimated = demands.Of(stages, ready, memoryBytes: null)([.. ready.Select(stage => stage.Key)])!;
        var told = demands.Of(stages, ready, memoryBytes: 5)([.. ready.Select(stage => stage.Key)])!;

        Assert.Equal(3, ready.Count);
        Assert.Equal(31, estimated.Duration!.Value.TotalSeconds, 3);
        Assert.True(estimated.MemoryBytes > 65_536L * 512 * 4);
        Assert.Equal((5L, estimated.Duration), (told.MemoryBytes, told.Duration));
    }

    private void Compute(string text, double factor = 1, string device = "cpu") => _store.Compute(
        Plan(text),
        stage => factor * stage switch
        {
            ModelStage => 20,
            RandomTwinStage => 2,
            DictionaryStage { Dictionary.Seed: var _ } dictionary => Own(text, dictionary) + 10,
            _ => 1,
        },
        dictionary => dictionary.Tokens / (factor * Seconds(dictionary.FeatureCount)),
        device);

    /// <summary>All of the job: of the twin's stream only its one dictionary.</summary>
    private static double Own(string text, DictionaryStage stage)
    {
        var plan = Plan(text);
        return plan.Stages.Select(other => other.Definition).OfType<DictionaryStage>().Where(other => other.Model == stage.Model).Sum(other => Seconds(other.Dictionary.FeatureCount));
    }

    private static double Seconds(int features) => features * 3.0 / 512;

    private static JobEstimate Job(PlanEstimate estimate, string prefix) =>
        estimate.Jobs.First(job => job.Stages[0].Key.Value.StartsWith(prefix + "-", StringComparison.Ordinal));

    private IReadOnlyList<PlanEstimate> Estimates(string text) => PlanEstimate.Of(PlanStatus.Of(Plan(text), _store.Store), _store.Store);

    private static ExperimentPlan Plan(string text) => Planner.Plan(TestSpec.Spec(text), TestPlugins.Catalog, "fingerprint");
}
