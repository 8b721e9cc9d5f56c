using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using Orchestrator.Numerics.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>Selections by rank, which see blocks one after another, against a sort of everything.</summary>
public sealed unsafe class SelectionTests
{
    private const int TokensPerSegment = 32;

    [Theory]
    [InlineData(70, 500, 6, 64, false)]
    [InlineData(70, 500, 6, 64, true)]
    [InlineData(33, 3_000, 40, 1_024, false)]
    [InlineData(33, 3_000, 40, 1_024, true)]
    [InlineData(5, 20, 20, 8, true)]
    [InlineData(1, 7, 3, 2, true)]
    public void LargestOfToken_IsWhatASortGives(int tokens, int features, int k, int block, bool ties)
    {
        var values = Values(tokens, features, ties);
        fixed (float* bias = new float[features])
        {
            var selector = new LargestOfToken<float>(k, bias, features, tokens, TokensPerSegment);
            var found = Run(selector, values, tokens, features, block);
            for (var token = 0; token < tokens; token++)
            {
                var row = values.AsSpan(token * features, features).ToArray();
                var expected = Enumerable.Range(0, features).Where(i => row[i] > 0).OrderByDescending(i => row[i]).ThenBy(i => i).Take(k).Order();
                Assert.Equal(expected.Select(feature => (token, feature, row[feature])), found.Where(pair => pair.Token == token));
            }
        }
    }

    [Theory]
    [InlineData(70, 500, 6, 64, false)]
    [InlineData(70, 500, 6, 64, true)]
    [InlineData(100, 3_000, 20, 1_024, false)]
    [InlineData(100, 3_000, 20, 1_024, true)]
    [InlineData(5, 20, 20, 8, true)]
    [InlineData(1, 7, 3, 2, true)]
    public void LargestOfBatch_IsWhatASortGives(int tokens, int features, int k, int block, bool ties)
    {
        var values = Values(tokens, features, ties);
        fixed (float* bias = new float[features])
        {
            var selector = new LargestOfBatch<float>(k, bias, features, (tokens + TokensPerSegment - 1) / TokensPerSegment, TokensPerSegment);
            // Twice: nothing of the first batch may be left in the second.
            Run(selector, Values(tokens, features, ties: false), tokens, features, block);
            var found = Run(selector, values, tokens, features, block);
            var expected = Enumerable.Range(0, values.Length).Where(i => values[i] > 0).OrderByDescending(i => values[i]).ThenBy(i => i).Take(k * tokens).ToList();
            Assert.Equal(expected.Order().Select(i => (i / features, i % features, values[i])), found);
            Assert.Equal(expected.Min(i => values[i]), selector.LowestSelected);
        }
    }

    [Fact]
    public void LargestOfBatch_WithNothingPositive_SelectsNothing()
    {
        fixed (float* bias = new float[10])
        {
            var selector = new LargestOfBatch<float>(3, bias, 10, 1, TokensPerSegment);
            Assert.Empty(Run(selector, Enumerable.Repeat(-1f, 40).ToArray(), 4, 10, 4));
            Assert.Equal(0, selector.LowestSelected);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TensorSelections_ChooseTheSamePairs(bool ties)
    {
        const int Tokens = 40, Features = 300, K = 7;
        var values = Values(Tokens, Features, ties);
        using var scope = NewDisposeScope();
        var matrix = HostMemory.ToTensor(values, [Tokens, Features], CPU);
        fixed (float* bias = new float[Features])
        {
            Assert.Equal(Run(new LargestOfToken<float>(K, bias, Features, Tokens, TokensPerSegment), values, Tokens, Features, 64), Sorted(TensorSelection.LargestOfToken(matrix, K)));
            Assert.Equal(Run(new LargestOfBatch<float>(K, bias, Features, 2, TokensPerSegment), values, Tokens, Features, 64), Sorted(TensorSelection.LargestOfBatch(matrix, K * Tokens)));
            Assert.Equal(Run(new AboveThreshold<float>(bias, 0.5f), values, Tokens, Features, 64), Sorted(TensorSelection.Where(matrix > 0.5f, matrix)));
        }
    }

    private static float[] Values(int tokens, int features, bool ties)
    {
        var values = new float[tokens * features];
        new SeededRandom(ties ? 1UL : 2UL).FillGaussian(values, 1);
        return ties ? Array.ConvertAll(values, MathF.Round) : values;
    }

    private static List<(int Token, int Feature, float Value)> Sorted(TensorPairs pairs)
    {
        var (tokens, features, values) = (pairs.Tokens.data<long>().ToArray(), pairs.Features.data<long>().ToArray(), pairs.Values.data<float>().ToArray());
        return [.. Enumerable.Range(0, values.Length).Select(i => ((int)tokens[i], (int)features[i], values[i])).Order()];
    }

    private static List<(int Token, int Feature, float Value)> Run(PairSelector<float> selector, float[] values, int tokens, int features, int block)
    {
        var pairs = new PairBuffer<float>(hasExtras: false);
        var found = new List<(int, int, float)>();
        selector.Begin(tokens);
        for (var first = 0; first < features; first += block)
        {
            var count = Math.Min(block, features - first);
            for (var token = 0; token < tokens; token++)
            {
                pairs.Count = selector.Ranks ? pairs.Count : 0;
                pairs.Reserve(pairs.Count + count);
                fixed (float* z = values) selector.Scan(z + (token * features) + first, 0, first, count, token / TokensPerSegment, token, pairs);
                if (!selector.Ranks) Take(token);
            }

            selector.EndBlock();
        }

        if (selector.Ranks)
        {
            selector.Rank();
            for (var token = 0; token < tokens; token++)
            {
                pairs.Count = 0;
                selector.Emit(token / TokensPerSegment, token, pairs);
                Take(token);
            }
        }

        return selector.Ranks ? found : [.. found.Order()];

        void Take(int token)
        {
            for (var i = 0; i < pairs.Count; i++) found.Add((token, pairs.Indices[i], pairs.Values[i]));
        }
    }
}
