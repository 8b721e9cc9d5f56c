using System.Text.Json.Serialization;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Features;
using Parquet.Serialization;
using Xunit;

namespace Orchestrator.Cluster;

public sealed class FeatureTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Query_SortsAndPages_AndNamesTheColumnsWhereThereIsNoSuchOne()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = await Publish(house);
        var catalog = house.Grains.GetGrain<IFeatureCatalogGrain>(plan.Dictionaries[0].Value);

        var page = await catalog.Query(new FeatureQuery("density", true, 1, 2, IncludeDead: true), None);
        Assert.Equal(4, page?.Total);
        Assert.Equal([1, 3], page?.Features.Select(feature => feature.Feature));
        Assert.Equal([new TokenWeight(" the", 1.5)], page?.Features[0].PositiveLogits);
        var alive = await catalog.Query(new FeatureQuery("feature", false, 0, 10, IncludeDead: false), None);
        Assert.Equal([1, 2, 3], alive?.Features.Select(feature => feature.Feature));

        var wrong = await catalog.Query(new FeatureQuery("density; drop", false, 0, 1, true), None);
        Assert.Contains("max_activation", wrong?.Error);
        Assert.DoesNotContain("top_tokens", wrong?.Error); // a list is nothing to sort by
        Assert.Null(await house.Grains.GetGrain<IFeatureCatalogGrain>("dictionary-none").Query(new FeatureQuery("feature", false, 0, 1, true), None));
    }

    [Fact]
    public async Task Feature_ShowsContextsOfAttachedAnalyses_AndKeepsNotesOverARestart()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = await Publish(house);
        var dictionary = plan.Dictionaries[0].Value;
        var before = await house.Grains.GetGrain<IFeatureGrain>($"{dictionary}/2").Get(None);
        Assert.Empty(before!.Detail.Contexts);
        await house.Grains.GetGrain<IFeatureCatalogGrain>(dictionary).Attach(plan.Analysis, None);
        await house.Grains.GetGrain<IFeatureGrain>($"{dictionary}/2").AddNote("ada", "fires on numbers", None);

        await house.StopControl();
        await house.StartControl();

        var view = await house.Grains.GetGrain<IFeatureGrain>($"{dictionary}/2").Get(None);
        Assert.Equal("fires on numbers", Assert.Single(view!.Notes).Text);
        Assert.Equal([2.0, 1.0], view.Detail.Contexts.Select(context => context.Activation));
        Assert.Equal((17, -0.75), (view.Detail.ClosestNeuron, view.Detail.ClosestNeuronCorrelation));
        Assert.Null(await house.Grains.GetGrain<IFeatureGrain>($"{dictionary}/4").Get(None));
        Assert.Null(await house.Grains.GetGrain<IFeatureGrain>("nonsense").Get(None));
    }

    private static async Task<Plan> Publish(House house)
    {
        var plan = new Plan(4);
        await Publish(
            house,
            plan,
            plan.Dictionaries[0],
            folder => Write(folder, "features.parquet", [new Row(0, 0, true), new Row(1, 0.2, false), new Row(2, 0.3, false), new Row(3, 0.1, false)]));
        await Publish(house, plan, plan.Analysis, async folder =>
        {
            await Write(folder, "contexts.parquet", [new Context(2, 1), new Context(1, 9), new Context(2, 2)]);
            await Write(folder, "closest-neurons.parquet", [new Closest(2, 17, -0.75)]);
        });
        return plan;
    }

    private static async Task Publish(House house, Plan plan, StageKey stage, Func<string, Task> write)
    {
        var folder = Path.Combine(house.Layout.WorkOf(stage), "result");
        Directory.CreateDirectory(folder);
        await write(folder);
        house.Store.Publish(stage, plan.Stage(stage).DefinitionJson, folder);
    }

    private static async Task Write<T>(string folder, string name, IReadOnlyCollection<T> rows)
    {
        await using var stream = File.Create(Path.Combine(folder, name));
        await ParquetSerializer.SerializeAsync(rows, stream);
    }

    private sealed class Row(int feature, double density, bool dead)
    {
        [JsonPropertyName("feature")] public int Feature { get; } = feature;

        [JsonPropertyName("density")] public double Density { get; } = density;

        [JsonPropertyName("max_activation")] public float MaxActivation { get; } = feature;

        [JsonPropertyName("mean_activation")] public float MeanActivation { get; } = 1;

        [JsonPropertyName("encoder_bias")] public float EncoderBias { get; } = 0;

        [JsonPropertyName("encoder_norm")] public float EncoderNorm { get; } = 1;

        [JsonPropertyName("encoder_decoder_cosine")] public float EncoderDecoderCosine { get; } = 1;

        [JsonPropertyName("dead")] public bool Dead { get; } = dead;

        [JsonPropertyName("ultralow_density")] public bool UltralowDensity { get; } = false;

        [JsonPropertyName("top_tokens")] public List<string> TopTokens { get; } = dead ? [] : [" a"];

        [JsonPropertyName("positive_logit_tokens")] public List<string> PositiveLogitTokens { get; } = [" the"];

        [JsonPropertyName("positive_logits")] public List<float> PositiveLogits { get; } = [1.5f];

        [JsonPropertyName("negative_logit_tokens")] public List<string> NegativeLogitTokens { get; } = [" of"];

        [JsonPropertyName("negative_logits")] public List<float> NegativeLogits { get; } = [-1.5f];
    }

    private sealed class Context(int feature, float activation)
    {
        [JsonPropertyName("feature")] public int Feature { get; } = feature;

        [JsonPropertyName("interval")] public int Interval { get; } = 0;

        [JsonPropertyName("activation")] public float Activation { get; } = activation;

        [JsonPropertyName("document")] public int Document { get; } = 1;

        [JsonPropertyName("position")] public long Position { get; } = 2;

        [JsonPropertyName("before")] public string Before { get; } = "before";

        [JsonPropertyName("token")] public string Token { get; } = "token";

        [JsonPropertyName("after")] public string After { get; } = "after";
    }

    private sealed class Closest(int feature, int neuron, double correlation)
    {
        [JsonPropertyName("feature")] public int Feature { get; } = feature;

        [JsonPropertyName("neuron")] public int Neuron { get; } = neuron;

        [JsonPropertyName("correlation")] public double Correlation { get; } = correlation;
    }
}
