using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Metrics.Activations;
using Orchestrator.Numerics.Tensors;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Activations;

public sealed class TopTokensTests : MetricConformance<TopTokens>
{
    private const int Most = 4;

    protected override double[] OfNothing => [.. Enumerable.Repeat(-1.0, Most * MeasuredTokens.Features)];

    [Fact]
    public void First_OfTheExample()
    {
        var top = new TopTokens(3, 10);
        top.Add(new ActivationsByFeature(new SparseActivations(4, 3, [0, 1, 2, 3, 4], [1, 1, 1, 2], [1, 1.5f, 1, 5]), [7, 9, 7, 4]));
        Assert.Equal([7, 9], top.First(1, 5));
        Assert.Equal([7], top.First(1, 1));
        Assert.Equal([4], top.First(2, 1));
        Assert.Empty(top.First(0, 5));
    }

    [Fact]
    public void First_OfEqualSums_IsTheLowestId()
    {
        var top = new TopTokens(1, 1000);
        var tokens = Enumerable.Range(0, 300).Select(i => 299 - i).ToArray();
        top.Add(new ActivationsByFeature(OneFeature(tokens.Length, _ => 1), tokens));
        Assert.Equal([0, 1, 2], top.First(0, 3));
    }

    /// <summary>A vocabulary that a hash table grows towards, reaches and becomes an array of.</summary>
    [Theory]
    [InlineData(5, 2_000)]
    [InlineData(300, 5_000)]
    [InlineData(50_000, 5_000)]
    [InlineData(50_000, 60_000)]
    public void First_OfAnyVocabulary_IsThatOfAPlainTable(int vocabulary, int count)
    {
        var random = new SeededRandom((ulong)vocabulary);
        var tokens = Enumerable.Range(0, count).Select(_ => (int)(vocabulary * Math.Pow(random.NextDouble(), 4))).ToArray();
        var values = tokens.Select(_ => (float)(1 - random.NextDouble())).ToArray();
        var sums = new Dictionary<int, double>();
        for (var i = 0; i < count; i++) sums[tokens[i]] = sums.GetValueOrDefault(tokens[i]) + values[i];

        var top = new TopTokens(1, vocabulary);
        top.Add(new ActivationsByFeature(OneFeature(count, i => values[i]), tokens));

        Assert.Equal(sums.OrderByDescending(sum => sum.Value).ThenBy(sum => sum.Key).Take(20).Select(sum => sum.Key), top.First(0, 20));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    public void Add_OfATokenOutsideTheVocabulary_IsRefused(int token) => Assert.Contains($"Token id {token} is outside the vocabulary of 10", Assert.Throws<ArgumentException>(
        () => new TopTokens(1, 10).Add(new ActivationsByFeature(OneFeature(1, _ => 1), [token]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Activations_WithoutAnIdForEachRow_AreRefused() => Assert.Contains("1 token ids for 2 rows", Assert.Throws<ArgumentException>(
        () => new ActivationsByFeature(OneFeature(2, _ => 1), [3])).Message, StringComparison.Ordinal);

    protected override TopTokens Create() => new(MeasuredTokens.Features, MeasuredTokens.Vocabulary);

    protected override void Add(TopTokens metric, MeasuredTokens tokens) => metric.Add(tokens.ByFeature());

    protected override double[] Read(TopTokens metric) =>
        [.. Enumerable.Range(0, MeasuredTokens.Features).SelectMany(feature => Filled(metric.First(feature, Most)))];

    protected override double[] Plain(MeasuredTokens tokens) => [.. Enumerable.Range(0, MeasuredTokens.Features).SelectMany(feature => Filled(
        [.. tokens.Ids.Zip(tokens.F, (id, f) => (id, value: f[feature])).Where(pair => pair.value > 0)
            .GroupBy(pair => pair.id).OrderByDescending(group => group.Sum(pair => pair.value)).Take(Most).Select(group => group.Key)]))];

    /// <summary>What is not a number comes last, what is infinite first; the names are ids in any case.</summary>
    protected override void CheckNotFinite(double[] found) => Assert.All(found, id => Assert.InRange(id, -1, MeasuredTokens.Vocabulary - 1));

    private static IEnumerable<double> Filled(IReadOnlyList<int> ids) => ids.Select(id => (double)id).Concat(Enumerable.Repeat(-1.0, Most - ids.Count));

    private static SparseActivations OneFeature(int tokens, Func<int, float> value) =>
        new(tokens, 1, [.. Enumerable.Range(0, tokens + 1)], new int[tokens], [.. Enumerable.Range(0, tokens).Select(value)]);
}
