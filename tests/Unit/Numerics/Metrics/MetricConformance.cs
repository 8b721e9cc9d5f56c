using Orchestrator.Numerics.Tensors;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics;

/// <summary>What every metric over a stream keeps to, whatever it measures.</summary>
/// <typeparam name="TMetric">The metric.</typeparam>
public abstract class MetricConformance<TMetric>
{
    private const int Count = 301;

    protected abstract TMetric Create();

    /// <summary>Adds the next tokens.</summary>
    protected abstract void Add(TMetric metric, MeasuredTokens tokens);

    /// <summary>Every number that it gives.</summary>
    protected abstract double[] Read(TMetric metric);

    /// <summary>The same numbers from the plain definition over all tokens at once.</summary>
    protected abstract double[] Plain(MeasuredTokens tokens);

    /// <summary>What it gives before the first token.</summary>
    protected virtual double[] OfNothing => [double.NaN];

    /// <summary>What it gives after tokens of which one holds a value that is not finite; each number is one of NaN and ±∞ by default.</summary>
    protected virtual void CheckNotFinite(double[] found) => Assert.All(found, number => Assert.False(double.IsFinite(number)));

    [Fact]
    public void BeforeTheFirstToken_GivesWhatIsDocumented()
    {
        Assert.Equal(OfNothing, Read(Create()));
        Assert.Equal(OfNothing, Read(Of(MeasuredTokens.Random(1, 0))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(Count)]
    public void OfAnyNumberOfTokens_IsThePlainDefinition(int count)
    {
        var tokens = MeasuredTokens.Random(2, count);
        AssertClose(Plain(tokens), Read(Of(tokens)));
    }

    [Fact]
    public void OfAnyCutIntoBatches_HasTheSameBits()
    {
        var tokens = MeasuredTokens.Random(3, Count);
        var whole = Bits(Read(Of(tokens)));
        for (ulong seed = 0; seed < 25; seed++)
        {
            var metric = Create();
            var random = new SeededRandom(seed);
            var longest = 1 + random.NextInt(Count);
            for (var start = 0; start < Count;)
            {
                var count = Math.Min(random.NextInt(longest + 1), Count - start); // none, sometimes
                Add(metric, tokens.Slice(start, count));
                start += count;
            }

            Assert.Equal(whole, Bits(Read(metric)));
        }
    }

    [Fact]
    public void OfAnyOrderOfTokens_IsTheSameToRounding()
    {
        var tokens = MeasuredTokens.Random(4, Count);
        AssertClose(Read(Of(tokens)), Read(Of(tokens.Shuffled(5))));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void OfATokenThatIsNotFinite_GivesWhatIsDocumented(float value) =>
        CheckNotFinite(Read(Of(MeasuredTokens.Random(6, Count).With(Count / 2, value))));

    [Fact]
    public void Read_ChangesNothing()
    {
        var tokens = MeasuredTokens.Random(7, Count);
        var metric = Of(tokens.Slice(0, 100));
        Read(metric);
        Add(metric, tokens.Slice(100, Count - 100));
        Assert.Equal(Bits(Read(Of(tokens))), Bits(Read(metric)));
    }

    private TMetric Of(MeasuredTokens tokens)
    {
        var metric = Create();
        Add(metric, tokens);
        return metric;
    }

    private static long[] Bits(double[] values) => Array.ConvertAll(values, BitConverter.DoubleToInt64Bits);

    private static void AssertClose(double[] expected, double[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        foreach (var (e, f) in expected.Zip(found))
        {
            if (double.IsFinite(e)) Assert.Equal(e, f, 1e-9 * Math.Max(1, Math.Abs(e)));
            else Assert.Equal(e, f);
        }
    }
}
