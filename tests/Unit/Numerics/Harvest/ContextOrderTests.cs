using Orchestrator.Numerics.Harvest;
using Xunit;

namespace Orchestrator.Unit.Numerics.Harvest;

public class ContextOrderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(1_000)]
    [InlineData(4_097)]
    public void ContextAt_SeesEachContextOnceInEachRound(int contexts)
    {
        var order = new ContextOrder((contexts * 8L) + 7, 8, seed: 3);

        Assert.Equal(contexts, order.Contexts);
        for (var round = 0; round < 3; round++)
        {
            var seen = Enumerable.Range(0, contexts).Select(i => order.ContextAt((round * (long)contexts) + i)).Order();
            Assert.Equal(Enumerable.Range(0, contexts).Select(i => (long)i), seen);
        }
    }

    [Fact]
    public void ContextAt_DependsOnSeedAndRound()
    {
        var order = new ContextOrder(8_000, 8, seed: 3);
        var other = new ContextOrder(8_000, 8, seed: 4);
        var first = Enumerable.Range(0, 1_000).Select(i => order.ContextAt(i)).ToArray();

        Assert.Equal(first, Enumerable.Range(0, 1_000).Select(i => new ContextOrder(8_000, 8, seed: 3).ContextAt(i)));
        Assert.True(Agreeing(first, i => other.ContextAt(i)) < 10);
        Assert.True(Agreeing(first, i => order.ContextAt(1_000 + i)) < 10);
        Assert.True(Agreeing(first, i => i) < 10);
    }

    [Fact]
    public void Constructor_LeavesRoomForTheLookahead()
    {
        Assert.Equal(2, new ContextOrder(16, 8, seed: 1).Contexts);
        Assert.Equal(1, new ContextOrder(16, 8, seed: 1, lookahead: 1).Contexts);
        Assert.Throws<ArgumentException>(() => new ContextOrder(8, 8, seed: 1, lookahead: 1));
    }

    private static int Agreeing(long[] first, Func<long, long> other) =>
        Enumerable.Range(0, first.Length).Count(i => first[i] == other(i));
}
