using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Harvest;

/// <summary>Streams whose targets have a hook point of their own.</summary>
public sealed class TwoHookStreamTests : IDisposable
{
    private const int Vocabulary = 23;
    private const int ContextLength = 6;

    private static readonly HarvestDefinition Definition = new()
    {
        HookPoint = new(1, HookPointKind.Ln2Normalized),
        TargetHookPoint = new(1, HookPointKind.MlpPost),
        Seed = 5,
        BufferVectors = 64,
        BatchContexts = 4,
    };

    private readonly Transformer _model = new(
        new TransformerDefinition { Layers = 2, ModelDim = 8, MlpDim = 10, Heads = 2, ContextLength = ContextLength }, Vocabulary, CPU, 1);

    private readonly TokenArray _tokens = TokenArray.Markov(40 * ContextLength, Vocabulary, 2);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Stream_TellsItsShapes()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        using var batch = stream.Next(7);

        Assert.Equal((8, 10), (stream.InputDim, stream.TargetDim));
        Assert.Equal(60 * (8 + 10) * 4, stream.BufferBytes);
        Assert.Equal([7, 8], batch.Inputs.shape);
        Assert.Equal([7, 10], batch.Targets.shape);
    }

    [Fact]
    public void Next_PairsInputsAndTargetsOfTheSameToken()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        var (gain, bias) = (_model.Parameter("blocks.1.mlp.W_in"), _model.Parameter("blocks.1.mlp.b_in"));
        for (var i = 0; i < 20; i++)
        {
            using var scope = NewDisposeScope();
            var batch = stream.Next(13);

            // This pair of hook points is one affine map and a ReLU apart.
            Assert.True(allclose(addmm(bias, batch.Inputs, gain, beta: 1f, alpha: 1f).relu(), batch.Targets, rtol: 1e-4, atol: 1e-5));
        }
    }

    [Theory]
    [InlineData("blocks.1.ln2.hook_normalized")]
    [InlineData("blocks.1.mlp.hook_post")]
    public void Next_ServesEachSideAsAStreamOfItsOwnWould(string hookPoint)
    {
        using var both = new ActivationStream(_model, Definition, _tokens);
        using var alone = new ActivationStream(_model, Definition with { HookPoint = HookPoint.Parse(hookPoint), TargetHookPoint = null }, _tokens);
        var isTarget = hookPoint == Definition.TargetHookPoint.ToString();

        Assert.Equal(Take(alone, 11, 150).Inputs, isTarget ? Take(both, 7, 150).Targets : Take(both, 7, 150).Inputs);
    }

    [Fact]
    public void SeekTo_GoesOnWithTheSameBits()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        var (inputs, targets) = Take(stream, 10, 300);
        var random = new SeededRandom(6);
        int[] positions = [0, 1, 59, 60, 61, 120, 239, 240, 299, .. Enumerable.Range(0, 20).Select(_ => random.NextInt(300))];
        foreach (var position in positions)
        {
            using var resumed = new ActivationStream(_model, Definition, _tokens);
            resumed.SeekTo(position);
            var (laterInputs, laterTargets) = Take(resumed, 1 + random.NextInt(90), 300 - position);
            Assert.Equal(inputs[(position * 8)..], laterInputs);
            Assert.Equal(targets[(position * 10)..], laterTargets);
        }
    }

    [Fact]
    public void Buffered_PairsThemToo()
    {
        using var stream = new ActivationStream(_model, Definition, _tokens);
        var (inputs, targets) = Take(stream, 20, 60);
        using var sample = stream.Buffered(60);

        Assert.Equal(inputs, HostMemory.ToSingles(sample.Inputs));
        Assert.Equal(targets, HostMemory.ToSingles(sample.Targets));
    }

    [Fact]
    public void Constructor_TakesATargetAtTheInputForNone()
    {
        using var stream = new ActivationStream(_model, Definition with { TargetHookPoint = Definition.HookPoint }, _tokens);
        using var batch = stream.Next(3);

        Assert.Same(batch.Inputs, batch.Targets);
        Assert.Equal(60 * 8 * 4, stream.BufferBytes);
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

    private static (float[] Inputs, float[] Targets) Take(ActivationStream stream, int batchSize, int count)
    {
        var (inputs, targets) = (new List<float>(), new List<float>());
        for (var left = count; left > 0; left -= batchSize)
        {
            using var batch = stream.Next(Math.Min(batchSize, left));
            inputs.AddRange(HostMemory.ToSingles(batch.Inputs));
            targets.AddRange(HostMemory.ToSingles(batch.Targets));
        }

        return ([.. inputs], [.. targets]);
    }
}
