using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;
using Orchestrator.Conformance;
using Xunit;

namespace Orchestrator.Unit.Analyses;

public class CoactivationsTests
{
    private const int Tokens = 600;
    private const int BatchTokens = 50;

    // 0.05: scattered writes; 0.6: whole rows.
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.6)]
    public void Pearson_StreamedInBatches_EqualsTwoPasses(double density)
    {
        var (first, second) = (Planted.Source("a", Planted.Sparse(Tokens, 7, 0.3, 1)), Planted.Source("b", Planted.Sparse(Tokens, 19, density, 2)));
        var streamed = new Coactivations(7, 19);
        foreach (var batch in Batches())
        {
            streamed.Add(first.Activations(batch), second.Activations(batch));
        }

        for (var i = 0; i < 7; i++)
        {
            for (var k = 0; k < 19; k++)
            {
                Assert.Equal(TwoPassPearson(first, i, second, k), streamed.Pearson(i, k), 1e-9);
            }
        }
    }

    [Fact]
    public void MaskedCosine_StreamedInBatches_IsTheGreaterOfBothMasks()
    {
        var (first, second) = (Planted.Source("a", Planted.Sparse(Tokens, 5, 0.2, 3)), Planted.Source("b", Planted.Sparse(Tokens, 6, 0.4, 4)));
        var streamed = new MaskedCoactivations(5, 6);
        foreach (var batch in Batches())
        {
            streamed.Add(first.Activations(batch), second.Activations(batch));
        }

        for (var i = 0; i < 5; i++)
        {
            for (var k = 0; k < 6; k++)
            {
                var expected = Math.Max(
                    CosineWhere(first, i, second, k, token => first[token, i] > 0),
                    CosineWhere(first, i, second, k, token => second[token, k] > 0));
                Assert.Equal(expected, streamed.MaskedCosine(i, k), 1e-9);
            }
        }
    }

    [Fact]
    public void Pearson_OfFeatureThatNeverFires_IsZero()
    {
        var coactivations = new Coactivations(1, 1);
        foreach (var batch in Batches())
        {
            coactivations.Add(Planted.Source("dead", new float[Tokens, 1]).Activations(batch), Planted.Source("b", Planted.Sparse(Tokens, 1, 0.5, 5)).Activations(batch));
        }

        Assert.Equal(0, coactivations.Pearson(0, 0));
        Assert.Equal(1, coactivations.First.DeadCount());
    }

    [Fact]
    public void TopTokens_WithMoreTokensThanSlots_KeepsTheHeaviest()
    {
        var top = new TopTokens(featureCount: 2, slots: 4);
        var random = new Random(6);
        for (var i = 0; i < 2_000; i++)
        {
            top.Add(1, i % 2 == 0 ? 7 : 100 + random.Next(50), 1);
        }

        Assert.Equal(7, top.Of(1, 1)[0].Token);
        Assert.Empty(top.Of(0, 3));
    }

    [Fact]
    public void Reorder_PermutesRowsAndKeepsPairs()
    {
        var batch = Batches().First();
        var activations = Planted.Source("a", Planted.Sparse(Tokens, 7, 0.3, 1)).Activations(batch);
        var order = TokenShuffle.Order(batch.Count, seed: 3, stream: 0);
        var shuffled = TokenShuffle.Reorder(activations, order);
        Assert.NotEqual(Enumerable.Range(0, batch.Count), order);
        Assert.Equal(Enumerable.Range(0, batch.Count), order.Order());
        for (var row = 0; row < batch.Count; row++)
        {
            Assert.Equal(activations.FeaturesOf(order[row]).ToArray(), shuffled.FeaturesOf(row).ToArray());
            Assert.Equal(activations.ValuesOf(order[row]).ToArray(), shuffled.ValuesOf(row).ToArray());
        }
    }

    private static IEnumerable<TokenBatch> Batches() => Enumerable.Range(0, Tokens / BatchTokens)
        .Select(static batch => new TokenBatch(new int[BatchTokens], 1, BatchTokens, batch * BatchTokens, new int[BatchTokens]));

    private static double TwoPassPearson(PlantedFeatureSource first, int i, PlantedFeatureSource second, int k)
    {
        var x = Enumerable.Range(0, Tokens).Select(token => (double)first[token, i]).ToArray();
        var y = Enumerable.Range(0, Tokens).Select(token => (double)second[token, k]).ToArray();
        var (meanX, meanY) = (x.Average(), y.Average());
        var covariance = x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum();
        return covariance / Math.Sqrt(x.Sum(a => (a - meanX) * (a - meanX)) * y.Sum(b => (b - meanY) * (b - meanY)));
    }

    private static double CosineWhere(PlantedFeatureSource first, int i, PlantedFeatureSource second, int k, Func<int, bool> mask)
    {
        var tokens = Enumerable.Range(0, Tokens).Where(mask).ToList();
        var product = tokens.Sum(token => (double)first[token, i] * second[token, k]);
        return product / Math.Sqrt(
            tokens.Sum(token => (double)first[token, i] * first[token, i]) * tokens.Sum(token => (double)second[token, k] * second[token, k]));
    }
}
