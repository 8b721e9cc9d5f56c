using Orchestrator.Conformance;
using Xunit;

namespace Orchestrator.Unit.Analyses;

public class FeatureSplittingTests
{
    private const string Kind = "feature-splitting";
    private const int Tokens = 4_000;
    private const int Small = 4;
    private const int ChildrenOfEach = 3;

    [Fact]
    public void Run_OnPlantedSplits_FindsTheTree()
    {
        var context = Context(shuffled: false);
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);

        var edges = context.Column<int>("edges", "from_feature").Zip(context.Column<int>("edges", "to_feature")).Order();
        Assert.Equal(Enumerable.Range(0, Small * ChildrenOfEach).Select(static child => (child / ChildrenOfEach, child)), edges);
        Assert.Equal(ChildrenOfEach, outcome.Metrics["mean_children"], 1e-9);
        Assert.Equal(1, outcome.Metrics["share_split"]);
        Assert.Equal(1, outcome.Metrics["share_with_parent"]);
        Assert.Equal(0, outcome.Metrics["share_without_counterpart"]);
        Assert.True(outcome.Metrics["median_edge_decoder_cosine"] > outcome.NullMetrics["median_edge_decoder_cosine_shuffled_directions"]);
        Assert.Equal(0, outcome.NullMetrics["share_with_parent_shuffled_tokens"]);
        Assert.Equal(0, outcome.NullMetrics["share_with_parent_random_twin"]);
        Assert.Contains("features", System.Text.Encoding.UTF8.GetString(context.Files["feature-splitting.svg"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OnShuffledTokens_FindsNone()
    {
        var outcome = BuiltInAnalyses.Create(Kind).Run(Context(shuffled: true), CancellationToken.None);
        Assert.Equal(0, outcome.Metrics["edges"]);
        Assert.Equal(0, outcome.Metrics["share_split"]);
        Assert.Equal(1, outcome.Metrics["share_without_counterpart"]);
    }

    [Fact]
    public void Run_OnFeaturesThatMerelyFireTogether_FindsNone()
    {
        double Edges(double minDecoderCosine) => BuiltInAnalyses.Create(Kind)
            .Run(Context(shuffled: false, unrelatedDirections: true).With("min_decoder_cosine", minDecoderCosine), CancellationToken.None)
            .Metrics["edges"];

        Assert.Equal(0, Edges(0.3));
        Assert.Equal(Small * ChildrenOfEach, Edges(-1));
    }

    // On each token where a parent fires exactly one of its children does.
    private static PlantedContext Context(bool shuffled, bool unrelatedDirections = false)
    {
        var parents = Planted.Sparse(Tokens, Small, 0.06, 1);
        var children = new float[Tokens, Small * ChildrenOfEach];
        var order = Enumerable.Range(0, Tokens).ToArray();
        order = shuffled ? Planted.Shuffled(order, 5) : order;
        var random = new Random(2);
        for (var token = 0; token < Tokens; token++)
        {
            for (var parent = 0; parent < Small; parent++)
            {
                children[order[token], parent * ChildrenOfEach + random.Next(ChildrenOfEach)] = parents[token, parent];
            }
        }

        var neurons = Planted.Source("neurons", Planted.Sparse(Tokens, Small, 0.3, 3));
        var directions = Enumerable.Range(0, Small * ChildrenOfEach).Select(child => Planted.OneHot((child / ChildrenOfEach + (unrelatedDirections ? 1 : 0)) % Small, Small)).ToArray();
        return new PlantedContext(BuiltInAnalyses.Manifest(Kind), Planted.Vocabulary(3), new int[Tokens], contextLength: 50)
            .Add(Planted.Source("small", parents), neurons, "a")
            .Add(Planted.Source("large", children, directions: directions), neurons, "a")
            .Add(Planted.Source("twin", Planted.Sparse(Tokens, Small * ChildrenOfEach, 0.02, 4), directions: directions), neurons, "t", isNull: true);
    }
}
