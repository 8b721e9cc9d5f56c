using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Transformers;

/// <summary>Several splices at once are what each would be alone.</summary>
public sealed class SpliceEachTests : IDisposable
{
    private const int Vocabulary = 40;
    private static readonly HookPoint MlpPost = new(0, HookPointKind.MlpPost);

    private readonly Transformer _model = new(
        new TransformerDefinition { Layers = 2, ModelDim = 12, MlpDim = 20, Heads = 2, ContextLength = 9 }, Vocabulary, CPU, seed: 4);

    private readonly Tensor _tokens = HostMemory.ToTensor([.. Enumerable.Range(0, 27).Select(i => (long)(i * 7 % Vocabulary))], [3, 9], CPU);

    public void Dispose()
    {
        _tokens.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void SpliceEach_IsEachSpliceAlone_ToTheBit()
    {
        using var scope = NewDisposeScope();
        var state = _model.RunToHook(_tokens, MlpPost);
        var original = _model.Finish(state, state.Activations);
        Tensor[] replacements = [zeros_like(state.Activations), state.Activations * 0.5, state.Activations];

        var found = _model.SpliceEach(state, replacements, _tokens);

        Assert.Equal(HostMemory.ToSingles(_model.TokenLosses(_tokens)), HostMemory.ToSingles(found.OriginalLosses));
        Assert.Equal(replacements.Length, found.Spliced.Count);
        foreach (var (replacement, spliced) in replacements.Zip(found.Spliced))
        {
            var alone = _model.Splice(state, original, replacement, _tokens);
            Assert.Equal(HostMemory.ToSingles(alone.Losses), HostMemory.ToSingles(spliced.Losses));
            Assert.Equal(HostMemory.ToSingles(alone.Divergences), HostMemory.ToSingles(spliced.Divergences));
        }

        Assert.NotEqual(HostMemory.ToSingles(found.Spliced[0].Losses), HostMemory.ToSingles(found.Spliced[1].Losses));
    }

    [Fact]
    public void SpliceEach_LeavesNothingButItsResult()
    {
        using var state = _model.RunToHook(_tokens, MlpPost);
        using var zero = zeros_like(state.Activations);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            _model.SpliceEach(state, [zero, zero], _tokens);
            Assert.Equal(before + 5, DisposeScopeManager.Statistics.ThreadTotalLiveCount); // losses, and two of each splice
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void SpliceEach_RefusesWhatDoesNotFit()
    {
        using var scope = NewDisposeScope();
        var state = _model.RunToHook(_tokens, MlpPost);
        Assert.Throws<ArgumentException>(() => _model.SpliceEach(state, [state.Activations.narrow(2, 0, 3)], _tokens));
        Assert.Throws<ArgumentException>(() => _model.SpliceEach(state, [state.Activations], _tokens.narrow(0, 0, 2)));
    }
}
