using Orchestrator.Conformance;
using Xunit;

namespace Orchestrator.Unit.Analyses;

public class FeatureReportTests
{
    private const string Kind = "feature-report";
    private const int ContextLength = 8;

    // Feature 0 fires on 'b' with 1.1, 0.55, 0.1 …, feature 1 is neuron 2 doubled, feature 2 is dead.
    private static readonly int[] Split = [0, 1, 2, 0, 1, 2, 1, 0, /**/ 2, 2, 1, 0, 0, 2, 1, 1];

    private static readonly float[] OnB = [0, 1.1f, 0, 0, 0.55f, 0, 0.1f, 0, /**/ 0, 0, 1.1f, 0, 0, 0, 1.05f, 0.25f];

    [Fact]
    public void Contexts_StandInTheirIntervalWithTheirNeighbours()
    {
        var context = Context();
        BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);

        var rows = context.Column<int>("contexts", "feature").Select((feature, row) => (Feature: feature, Row: row))
            .Where(static entry => entry.Feature == 0).Select(static entry => entry.Row).ToList();
        T[] Of<T>(string column) => [.. rows.Select(row => context.Column<T>("contexts", column)[row])];
        Assert.Equal([0, 0, 0, 5, 8, 10], Of<int>("interval"));
        Assert.Equal([1.1f, 1.1f, 1.05f, 0.55f, 0.25f, 0.1f], Of<float>("activation"));
        Assert.Equal([1L, 10L, 14L, 4L, 15L, 6L], Of<long>("position"));
        Assert.Equal([0, 1, 1, 0, 1, 0], Of<int>("document"));
        Assert.Equal(["a", "cc", "ac", "ca", "cb", "bc"], Of<string>("before"));
        Assert.Equal(["ca", "aa", "b", "cb", "", "a"], Of<string>("after"));
        Assert.All(Of<string>("token"), static token => Assert.Equal("b", token));
    }

    [Fact]
    public void ClosestNeuron_IsTheOneThatTheFeatureCopies()
    {
        var context = Context();
        BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        Assert.Equal([0, 1], context.Column<int>("closest-neurons", "feature"));
        Assert.Equal(2, context.Column<int>("closest-neurons", "neuron")[1]);
        Assert.Equal(1, context.Column<double>("closest-neurons", "correlation")[1], 1e-6);
    }

    [Fact]
    public void Metrics_CountDeadFeaturesAndSingleTokens()
    {
        var outcome = BuiltInAnalyses.Create(Kind).Run(Context(), CancellationToken.None);
        Assert.Equal(2, outcome.Metrics["features_reported"]);
        Assert.Equal(1, outcome.Metrics["dead_features"]);
        Assert.Equal(1, outcome.Metrics["single_token_share"]);
        Assert.Equal(1, outcome.Metrics["context_consistency"]);
        Assert.True(outcome.NullMetrics["median_closest_neuron_correlation_neurons"] < 0.9);
    }

    [Fact]
    public void Histogram_SumsToTheFirings()
    {
        var context = Context();
        BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        var firings = context.Column<int>("histograms", "feature").Zip(context.Column<long>("histograms", "firings"))
            .GroupBy(static row => row.First).ToDictionary(static group => group.Key, static group => group.Sum(static row => row.Second));
        Assert.Equal(6, firings[0]);
        Assert.Equal(1.1, context.Column<double>("histograms", "upper")[0], 1e-6);
        Assert.Equal(0, context.Column<double>("histograms", "lower")[10], 1e-9);
    }

    [Fact]
    public void Run_WithoutCache_FindsTheSame()
    {
        var (cached, computedAgain) = (Context(), Context().With("cache_mebibytes", 0));
        BuiltInAnalyses.Create(Kind).Run(cached, CancellationToken.None);
        BuiltInAnalyses.Create(Kind).Run(computedAgain, CancellationToken.None);
        Assert.Equal(cached.Column<long>("contexts", "position"), computedAgain.Column<long>("contexts", "position"));
        Assert.Equal(cached.Column<long>("histograms", "firings"), computedAgain.Column<long>("histograms", "firings"));
    }

    [Fact]
    public void Contexts_AreSampledDownToTheLimit()
    {
        var context = Context().With("contexts_per_interval", 1);
        BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        var perInterval = context.Column<int>("contexts", "feature").Zip(context.Column<int>("contexts", "interval")).CountBy(static row => row);
        Assert.All(perInterval, static entry => Assert.Equal(1, entry.Value));
        Assert.Contains(context.Column<float>("contexts", "activation"), static activation => activation is 1.1f or 1.05f);
    }

    private static PlantedContext Context()
    {
        var neurons = Planted.Sparse(Split.Length, 4, 0.5, 8);
        var activations = new float[Split.Length, 3];
        for (var token = 0; token < Split.Length; token++)
        {
            activations[token, 0] = OnB[token];
            activations[token, 1] = 2 * neurons[token, 2];
        }

        return new PlantedContext(BuiltInAnalyses.Manifest(Kind), Planted.Vocabulary(3), Split, ContextLength)
        {
            BatchContexts = 1,
            Documents = [.. Enumerable.Range(0, Split.Length).Select(static token => token / ContextLength)],
        }
            .With("window", 2)
            .With("min_top_firings", 3)
            .Add(Planted.Source("features", activations), Planted.Source("neurons", neurons), "a");
    }
}
