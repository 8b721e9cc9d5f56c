using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Harvest;

public sealed class ActivationStreamTests : IDisposable
{
    private const int Vocabulary = 23;
    private const int ContextLength = 6;
    private const int Width = 10;

    private static readonly HarvestDefinition Definition = new() { Seed = 5, BufferVectors = 64, BatchContexts = 4 };

    private readonly Transformer _model = new(
        new TransformerDefinition { ModelDim = 8, MlpDim = Width, Heads = 2, ContextLength = ContextLength }, Vocabulary, CPU, 1);

    private readonly TokenArray _tokens = TokenArray.Markov(40 * ContextLength, Vocabulary, 2);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void BufferVectors_IsWholeContexts()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);

        Assert.Equal(60, stream.BufferVectors);
        Assert.Equal(240, stream.UniqueVectors);
        Assert.Equal((Width, Width), (stream.InputDim, stream.TargetDim));
        Assert.Equal(60 * Width * 4, stream.BufferBytes);
    }

    [Fact]
    public void Next_ServesEveryVectorOfTheSplitOnce()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);

        var served = Rows(Take(stream, 7, (int)stream.UniqueVectors));

        Assert.Equal(Sorted(AllActivations()), Sorted(served));
    }

    [Fact]
    public void Next_ShufflesAcrossContexts()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        var contexts = AllActivations().Select((row, index) => (Key(row), index / ContextLength)).ToLookup(p => p.Item1, p => p.Item2);

        var origin = Rows(Take(stream, 12, 12)).Select(row => contexts[Key(row)].First()).Distinct();

        Assert.True(origin.Count() > 4);
    }

    [Fact]
    public void Next_DoesNotDependOnTheSizesOfBatches()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        using var other = new ActivationStream(_model, Definition, _tokens);

        // 150 vectors cross the buffer of 60 twice, in one batch and in many.
        Assert.Equal(Take(stream, 150, 150), Take(other, 7, 150));
        Assert.Equal(150, other.Position);
    }

    [Fact]
    public void SeekTo_GoesOnWithTheSameBits()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        var whole = Take(stream, 10, 300);
        foreach (var position in (int[])[0, 59, 60, 61, 130, 240])
        {
            using var resumed = new ActivationStream(_model, Definition, _tokens);
            resumed.SeekTo(position);
            Assert.Equal(whole[(position * Width)..], Take(resumed, 10, 300 - position));
        }
    }

    [Fact]
    public void SeekTo_GoesBack()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        var first = Take(stream, 10, 100);

        stream.SeekTo(0);

        Assert.Equal(first, Take(stream, 10, 100));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(59)]
    [InlineData(60)] // the last vector came from the first filling, the next one comes from the second
    [InlineData(61)]
    [InlineData(130)]
    [InlineData(240)]
    public void Buffered_DependsOnThePositionOnly(int position)
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        using var inBatches = new ActivationStream(_model, Definition, _tokens);
        using var resumed = new ActivationStream(_model, Definition, _tokens);
        using var goneBack = new ActivationStream(_model, Definition, _tokens);
        Take(stream, Math.Max(1, position), position);
        Take(inBatches, 7, position);
        resumed.SeekTo(position);
        Take(goneBack, 10, 200);
        goneBack.SeekTo(position);

        var sample = Sample(stream, 20);
        Assert.Equal(20 * Width, sample.Length);
        Assert.Equal(sample, Sample(inBatches, 20));
        Assert.Equal(sample, Sample(resumed, 20));
        Assert.Equal(sample, Sample(goneBack, 20));
    }

    [Fact]
    public void Buffered_IsOfTheFillingThatTheLastVectorCameFrom()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        var first = Take(stream, 60, 60);
        Assert.Equal(first, Sample(stream, 60));

        var second = Take(stream, 1, 1);
        Assert.Equal(second, Sample(stream, 60)[..Width]);
    }

    [Theory]
    [InlineData(7)] // asked in the middle of fillings
    [InlineData(60)] // asked where one filling ends and the next begins
    public void Buffered_NeverDisturbsTheStream(int batchSize)
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        using var asked = new ActivationStream(_model, Definition, _tokens);
        Sample(asked, 30);
        for (var position = 0; position < 300; position += batchSize)
        {
            Assert.Equal(Take(stream, batchSize, batchSize), Take(asked, batchSize, batchSize));
            var before = asked.Position;
            Sample(asked, 30);
            Assert.Equal(before, asked.Position);
        }
    }

    [Fact]
    public void Buffered_GivesNoMoreThanTheBufferHolds()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);

        Assert.Equal(stream.BufferVectors * Width, Sample(stream, 10_000).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Buffered(0));
    }

    [Fact]
    public void Next_FollowsTheSeed()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        using var other = new ActivationStream(_model, Definition with { Seed = 6 }, _tokens);

        Assert.NotEqual(Take(stream, 10, 30), Take(other, 10, 30));
    }

    [Fact]
    public void Next_LeavesNothingBehind()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        stream.Next(5).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 30; i++)
            stream.Next(7).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Next_CopiesWhatItHandsOut()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        using var batch = stream.Next(20);
        var before = HostMemory.ToSingles(batch.Inputs);
        Take(stream, 20, 200);

        Assert.Equal(before, HostMemory.ToSingles(batch.Inputs));
    }

    [Fact]
    public void Constructor_RefusesWhatCannotBe()
    {
        Assert.Throws<ArgumentException>(() => new ActivationStream(_model, Definition with { HookPoint = new(1, HookPointKind.MlpPost) }, _tokens));
        Assert.Throws<ArgumentException>(() => new ActivationStream(_model, Definition with { TargetHookPoint = new(1, HookPointKind.MlpOut) }, _tokens));
        Assert.Throws<ArgumentException>(() => new ActivationStream(_model, Definition with { BufferVectors = 5 }, _tokens));
        Assert.Throws<ArgumentException>(() => new ActivationStream(_model, Definition, new TokenArray(new int[5])));
    }

    [Fact]
    public void Next_RefusesTokensOutsideTheVocabulary()
    {
        using var stream = new ActivationStream(_model, Definition, new TokenArray([.. Enumerable.Repeat(Vocabulary, 60)]));

        Assert.Throws<InvalidDataException>(() => stream.Next(1));
    }

    private static float[] Take(ActivationStream stream, int batchSize, int count)
    {
        var all = new List<float>();
        for (var left = count; left > 0; left -= batchSize)
        {
            using var batch = stream.Next(Math.Min(batchSize, left));
            Assert.Same(batch.Inputs, batch.Targets);
            all.AddRange(HostMemory.ToSingles(batch.Inputs));
        }

        return [.. all];
    }

    private static float[] Sample(ActivationStream stream, int most)
    {
        using var sample = stream.Buffered(most);
        return HostMemory.ToSingles(sample.Inputs);
    }

    private static float[][] Rows(float[] values) => [.. values.Chunk(Width)];

    // Batches of different composition may differ in the last bit, so rows are compared after rounding.
    private static string Key(float[] row) => string.Join(' ', row.Select(value => MathF.Round(value, 4) + 0f));

    private static string[] Sorted(IEnumerable<float[]> rows) => [.. rows.Select(Key).Order(StringComparer.Ordinal)];

    private float[][] AllActivations()
    {
        var row = new int[ContextLength];
        var all = new List<float>();
        for (long offset = 0; offset < _tokens.Count; offset += ContextLength)
        {
            _tokens.Read(offset, row);
            using var context = tensor(Array.ConvertAll(row, token => (long)token)).unsqueeze(0);
            using var activations = _model.HookActivations(context, Definition.HookPoint);
            all.AddRange(HostMemory.ToSingles(activations));
        }

        return Rows([.. all]);
    }
}
