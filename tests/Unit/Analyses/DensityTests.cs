using System.Text;
using Orchestrator.Conformance;
using Xunit;

namespace Orchestrator.Unit.Analyses;

public class DensityTests
{
    private const string Kind = "density";
    private const int Tokens = 40_000;

    [Fact]
    public void Run_CountsWhatWasPlanted()
    {
        // Feature f fires on so many of 1,000 tokens.
        int[] firings = [0, 1, 10, 11, 100, 101, 1_000];
        var context = Context(Fires(1_000, firings), 1_000);
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);

        Assert.Equal(firings.Select(static count => (long)count), context.Column<long>("densities", "firings"));
        Assert.Equal(firings.Select(static count => count / 1_000.0), context.Column<double>("densities", "density"));
        Assert.Equal(["dead", .. Enumerable.Repeat("ordinary", 6)], context.Column<string>("densities", "cluster"));
        Assert.Equal(1_000, outcome.Metrics["tokens"]);
        Assert.Equal(1, outcome.Metrics["dead_features"]);
        Assert.Equal(6, outcome.Metrics["ordinary_features"]);
        Assert.Equal((0.011 + 0.1) / 2, outcome.Metrics["median_density"], 1e-12);
        Assert.Equal(1.223, outcome.Metrics["active_per_token"], 1e-12);
        Assert.Equal(4 / 7.0, outcome.Metrics["share_above_one_percent"], 1e-12);
        Assert.Equal(2 / 7.0, outcome.Metrics["share_above_ten_percent"], 1e-12);
        // Wilson's bounds, by hand: 0 of 1,000 is at most z² / (n + z²); 1 of 1,000; 1,000 of 1,000.
        var (low, high) = (context.Column<double>("densities", "density_low"), context.Column<double>("densities", "density_high"));
        Assert.Equal((0, 0.003827), (low[0], Math.Round(high[0], 6)));
        Assert.Equal((0.000177, 0.005643), (Math.Round(low[1], 6), Math.Round(high[1], 6)));
        Assert.Equal((0.996173, 1), (Math.Round(low[6], 6), high[6]));
        // Bins of a quarter of a decade: 0.001, 0.01 and 0.011 together, 0.1 and 0.101 together, 1.
        var features = context.Column<string>("histogram", "source").Zip(context.Column<double>("histogram", "log10_density_from"), context.Column<long>("histogram", "features"))
            .Where(static row => row is { First: "features", Third: > 0 })
            .Select(static row => (row.Second, row.Third));
        Assert.Equal([(-3, 1L), (-2, 2L), (-1, 2L), (-0.25, 1L)], features);
    }

    [Fact]
    public void Run_WithAPlantedUltralowCluster_FindsItAndItsBound()
    {
        var random = new Random(1);
        var firings = Enumerable.Range(0, 60).Select(_ => random.Next(1, 5))
            .Concat(Enumerable.Range(0, 200).Select(_ => (int)(Tokens * 0.01 * Math.Exp(0.5 * Normal(random)))))
            .ToArray();
        var context = Context(Fires(Tokens, firings), Tokens);
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);

        Assert.Equal(60, outcome.Metrics["ultralow_features"]);
        Assert.Equal(200, outcome.Metrics["ordinary_features"]);
        Assert.InRange(outcome.Metrics["ultralow_bound"], 5.0 / Tokens, 1e-3);
        Assert.Equal(Enumerable.Repeat("ultralow", 60), context.Column<string>("densities", "cluster").Take(60));
        Assert.Equal(0, outcome.NullMetrics["ultralow_bound_neurons"]);
        Assert.Contains("ultralow density cluster below", outcome.Verdict, StringComparison.Ordinal);
        Assert.Contains("ultralow below", Encoding.UTF8.GetString(context.Files["density.svg"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Run_WithOneBroadMode_FindsNoCluster(int seed)
    {
        // Densities around 10^-3 over more than two decades: many are rare, none apart.
        var random = new Random(seed);
        var firings = Enumerable.Range(0, 200).Select(_ => (int)(Tokens * 0.001 * Math.Exp(1.5 * Normal(random)))).ToArray();
        var outcome = BuiltInAnalyses.Create(Kind).Run(Context(Fires(Tokens, firings), Tokens), CancellationToken.None);

        Assert.Equal(0, outcome.Metrics["ultralow_bound"]);
        Assert.Equal(0, outcome.Metrics["ultralow_features"]);
        Assert.Contains("no ultralow density cluster", outcome.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OnTooFewTokensToSeeACluster_SaysNone()
    {
        // The two modes are there, but what lies between them is less than ten firings.
        var firings = Enumerable.Repeat(1, 60).Concat(Enumerable.Repeat(12, 200)).ToArray();
        var outcome = BuiltInAnalyses.Create(Kind).Run(Context(Fires(Tokens, firings), Tokens), CancellationToken.None);
        Assert.Equal(0, outcome.Metrics["ultralow_bound"]);
    }

    [Fact]
    public void Run_WithNothingThatFires_SaysSo()
    {
        var context = Context(new float[1_000, 3], 1_000);
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        Assert.Equal(3, outcome.Metrics["dead_features"]);
        Assert.Equal(0, outcome.Metrics["median_density"]);
        Assert.Equal(0, outcome.Metrics["active_per_token"]);
    }

    private static PlantedContext Context(float[,] activations, int tokens) =>
        new PlantedContext(BuiltInAnalyses.Manifest(Kind), Planted.Vocabulary(3), new int[tokens], contextLength: 100)
            .Add(Planted.Source("features", activations), Planted.Source("neurons", Planted.Sparse(tokens, 6, 0.4, 11)), "a");

    // Each feature on so many tokens.
    private static float[,] Fires(int tokens, int[] firings)
    {
        var activations = new float[tokens, firings.Length];
        for (var feature = 0; feature < firings.Length; feature++)
        {
            for (var i = 0; i < Math.Min(tokens, firings[feature]); i++)
            {
                activations[(int)((long)i * tokens / firings[feature]), feature] = 1;
            }
        }

        return activations;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
