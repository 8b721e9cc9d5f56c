using Orchestrator.Numerics.Tensors;
using Xunit;

namespace Orchestrator.Unit.Numerics.Tensors;

public class SeededRandomTests
{
    [Fact]
    public void NextUInt64_FollowsThePublishedGenerator()
    {
        // xoshiro256** from the state (1, 2, 3, 4): the reference implementation's first outputs.
        var random = new SeededRandom(0);
        random.Restore(new SeededRandomState(1, 2, 3, 4));

        Assert.Equal(
            [11520UL, 0UL, 1509978240UL, 1215971899390074240UL],
            new[] { random.NextUInt64(), random.NextUInt64(), random.NextUInt64(), random.NextUInt64() });
    }

    [Fact]
    public void Restore_RepeatsTheNumbers()
    {
        var random = new SeededRandom(3);
        random.NextGaussian();
        var state = random.State;
        var first = Enumerable.Range(0, 20).Select(_ => random.NextGaussian()).ToArray();

        random.Restore(state);

        Assert.Equal(first, Enumerable.Range(0, 20).Select(_ => random.NextGaussian()).ToArray());
    }

    [Fact]
    public void Restore_RefusesAStateOfZeros() =>
        Assert.Throws<ArgumentException>(() => new SeededRandom(1).Restore(default));

    [Fact]
    public void NextGaussian_HasMeanZeroAndVarianceOne()
    {
        var random = new SeededRandom(11);
        var values = Enumerable.Range(0, 50_000).Select(_ => random.NextGaussian()).ToArray();

        Assert.Equal(0, values.Average(), 0.03);
        Assert.Equal(1, values.Average(value => value * value), 0.03);
    }

    [Fact]
    public void NextInt_ReachesEveryValueEquallyOften()
    {
        var random = new SeededRandom(5);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
            counts[random.NextInt(7)]++;

        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }

    [Fact]
    public void Shuffle_KeepsTheItems()
    {
        var items = Enumerable.Range(0, 1_000).ToArray();
        new SeededRandom(9).Shuffle(items.AsSpan());

        Assert.NotEqual(Enumerable.Range(0, 1_000), items);
        Assert.Equal(Enumerable.Range(0, 1_000), items.Order());
    }

    [Fact]
    public void Derive_SeparatesSeedsAndParts()
    {
        var seeds = new HashSet<ulong>();
        for (ulong seed = 0; seed < 50; seed++)
        {
            for (ulong part = 0; part < 50; part++)
                Assert.True(seeds.Add(SeededRandom.Derive(seed, part)), $"{seed}/{part} repeats");
        }
    }
}
