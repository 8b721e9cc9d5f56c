using Orchestrator.Conformance;
using Xunit;

namespace Orchestrator.Unit.Analyses;

public class UniversalityTests
{
    private const string Kind = "universality";
    private const int Tokens = 4_000;
    private const int Features = 12;

    [Fact]
    public void Run_OnPermutedAndScaledFeatures_FindsEveryOne()
    {
        var activations = Planted.Sparse(Tokens, Features, 0.05, 1);
        var permutation = Planted.Shuffled([.. Enumerable.Range(0, Features)], 9);
        var logits = Enumerable.Range(0, Features).Select(static feature => RandomVector(30 + feature)).ToArray();
        var first = Planted.Source("first", activations, logits);
        var second = Planted.Source("second", Permuted(activations, permutation), Permuted(logits, permutation));

        var context = Context(first, second);
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);

        Assert.Equal(1, outcome.Metrics["median_best_correlation"], 1e-6);
        Assert.Equal(1, outcome.Metrics["share_above_half"]);
        Assert.Equal(1, outcome.Metrics["median_logit_correlation"], 1e-6);
        Assert.Equal(Enumerable.Range(0, Features).Select(feature => Array.IndexOf(permutation, feature)), context.Column<int>("matches", "best_feature"));
        Assert.InRange(outcome.NullMetrics["median_best_correlation_neurons"], -0.1, 0.2);
        Assert.InRange(outcome.NullMetrics["median_best_correlation_shuffled_tokens"], -0.1, 0.2);
        Assert.InRange(outcome.NullMetrics["median_best_correlation_random_twin"], -0.1, 0.2);
        Assert.Contains("<svg", System.Text.Encoding.UTF8.GetString(context.Files["universality.svg"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OnIndependentFeatures_FindsNone()
    {
        var first = Planted.Source("first", Planted.Sparse(Tokens, Features, 0.05, 1));
        var second = Planted.Source("second", Planted.Sparse(Tokens, Features, 0.05, 2));
        var outcome = BuiltInAnalyses.Create(Kind).Run(Context(first, second), CancellationToken.None);
        Assert.InRange(outcome.Metrics["median_best_correlation"], -0.1, 0.2);
        Assert.Equal(0, outcome.Metrics["share_above_half"]);
    }

    [Fact]
    public void Run_LeavesOutAndCountsDeadAndRareFeatures()
    {
        var activations = Planted.Sparse(Tokens, Features, 0.05, 1);
        for (var token = 0; token < Tokens; token++)
        {
            activations[token, 0] = 0;
            activations[token, 1] = token < 3 ? 1 : 0;
        }

        var first = Planted.Source("first", activations);
        var context = Context(first, Planted.Source("second", activations));
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        Assert.Equal(1, outcome.Metrics["dead_features"]);
        Assert.Equal(1, outcome.Metrics["rare_features"]);
        Assert.Equal(Features - 2, outcome.Metrics["compared_features"]);
        Assert.Equal(Enumerable.Range(2, Features - 2), context.Column<int>("matches", "feature"));
    }

    private static PlantedContext Context(PlantedFeatureSource first, PlantedFeatureSource second) =>
        new PlantedContext(BuiltInAnalyses.Manifest(Kind), Planted.Vocabulary(3), new int[Tokens], contextLength: 50)
            .Add(first, Planted.Source("neurons a", Planted.Sparse(Tokens, 6, 0.4, 11)), "a")
            .Add(second, Planted.Source("neurons b", Planted.Sparse(Tokens, 6, 0.4, 12)), "b")
            .Add(Planted.Source("twin", Planted.Sparse(Tokens, Features, 0.05, 13)), Planted.Source("neurons t", Planted.Sparse(Tokens, 6, 0.4, 14)), "t", isNull: true);

    // Column c of the result is 3 × column permutation[c].
    private static float[,] Permuted(float[,] activations, int[] permutation)
    {
        var permuted = new float[Tokens, Features];
        for (var token = 0; token < Tokens; token++)
        {
            for (var feature = 0; feature < Features; feature++)
            {
                permuted[token, feature] = 3 * activations[token, permutation[feature]];
            }
        }

        return permuted;
    }

    private static float[][] Permuted(float[][] rows, int[] permutation) => [.. permutation.Select(row => rows[row])];

    private static float[] RandomVector(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 4).Select(_ => random.NextSingle())];
    }
}
