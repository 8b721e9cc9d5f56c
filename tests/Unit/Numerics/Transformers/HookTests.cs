using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Transformers;

/// <summary>Reading and replacing activations at every hook point of a model of two layers of each kind.</summary>
public sealed class HookTests : IDisposable
{
    private const int Contexts = 2;
    private const int Length = 6;

    private static readonly TransformerDefinition Paper = new() { Layers = 2, ModelDim = 8, MlpDim = 20, Heads = 2, ContextLength = Length };

    private static readonly TransformerDefinition Other = Paper with { Activation = "gelu-tanh", Normalisation = "rms-norm" };

    private readonly Transformer _paper = TransformerTests.Randomised(Paper);
    private readonly Transformer _other = TransformerTests.Randomised(Other);
    private readonly long[][] _windows = [[1, 2, 3, 4, 5, 6], [7, 8, 16, 10, 0, 12]];
    private readonly Tensor _tokens;

    public HookTests() => _tokens = tensor(_windows.SelectMany(window => window).ToArray()).view(Contexts, Length);

    /// <summary>Every hook point of both layers.</summary>
    public static TheoryData<string> HookPoints => [.. HookPoint.NamesIn(0), .. HookPoint.NamesIn(1)];

    public void Dispose()
    {
        _paper.Dispose();
        _other.Dispose();
        _tokens.Dispose();
    }

    [Theory]
    [MemberData(nameof(HookPoints))]
    public void HookActivations_AgreeWithAnIndependentReference(string name)
    {
        var hookPoint = HookPoint.Parse(name);
        foreach (var model in (Transformer[])[_paper, _other])
        {
            using var activations = model.HookActivations(_tokens, hookPoint);
            using var state = model.RunToHook(_tokens, hookPoint);

            Assert.Equal([Contexts, Length, model.WidthAt(hookPoint)], activations.shape);
            Assert.Equal(HostMemory.ToSingles(activations), HostMemory.ToSingles(state.Activations));
            AssertClose(Flat(Reference(model, hookPoint)), activations, 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(HookPoints))]
    public void TokenLosses_WithTheTrueActivationsAreTheOriginalOnes(string name)
    {
        var hookPoint = HookPoint.Parse(name);
        foreach (var model in (Transformer[])[_paper, _other])
        {
            using var scope = NewDisposeScope();
            var original = model.TokenLosses(_tokens);
            var state = model.RunToHook(_tokens, hookPoint);
            var kept = state.Activations.clone();

            var spliced = model.TokenLosses(state, state.Activations, _tokens);
            var zeroed = model.TokenLosses(state, zeros_like(state.Activations), _tokens);

            Assert.True(allclose(original, spliced, rtol: 0, atol: 1e-5));
            Assert.True((original - zeroed).abs().max().item<float>() > 1e-2);
            Assert.Equal(HostMemory.ToSingles(kept), HostMemory.ToSingles(state.Activations));
        }
    }

    [Theory]
    [MemberData(nameof(HookPoints))]
    public void Splice_AgreesWithAnIndependentReference(string name)
    {
        var hookPoint = HookPoint.Parse(name);
        foreach (var model in (Transformer[])[_paper, _other])
        {
            using var scope = NewDisposeScope();
            var random = new SeededRandom(3);
            var state = model.RunToHook(_tokens, hookPoint);
            var replaced = state.Activations.clone();
            foreach (ref var value in HostMemory.Singles(replaced))
                value += (float)(random.NextGaussian() * 0.5);

            var original = model.Finish(state, state.Activations);
            var found = model.Splice(state, original, replaced, _tokens);

            var rows = HostMemory.ToSingles(replaced).Chunk(model.WidthAt(hookPoint))
                .Select(row => Array.ConvertAll(row, value => (double)value)).Chunk(Length).ToArray();
            var (losses, divergences) = ReferenceEffects(model, hookPoint, rows);
            AssertClose(losses, found.Losses, 1e-4);
            AssertClose(divergences, found.Divergences, 1e-4);
            Assert.Equal(HostMemory.ToSingles(model.TokenLosses(state, replaced, _tokens)), HostMemory.ToSingles(found.Losses));
        }
    }

    [Theory]
    [MemberData(nameof(HookPoints))]
    public void Splice_OfTheTrueActivationsDoesNotDiverge(string name)
    {
        using var scope = NewDisposeScope();
        var state = _paper.RunToHook(_tokens, HookPoint.Parse(name));
        var original = _paper.Finish(state, state.Activations);

        var same = _paper.Splice(state, original, state.Activations, _tokens);

        Assert.All(HostMemory.ToSingles(same.Divergences), value => Assert.Equal(0, value));
    }

    [Fact]
    public void HookActivations_ComputeNothingBehindTheHookPoint()
    {
        var hookPoints = HookPoint.NamesIn(0).Concat(HookPoint.NamesIn(1)).Select(HookPoint.Parse).ToArray();
        var made = hookPoints.Select(hookPoint => TensorsMade(() => _other.HookActivations(_tokens, hookPoint).Dispose())).ToArray();

        // Each is a step further than the one before, but for the next block's stream, which is the last block's.
        for (var i = 1; i < made.Length; i++)
            Assert.True(hookPoints[i].Kind == HookPointKind.ResidPre ? made[i] == made[i - 1] : made[i] > made[i - 1], $"{hookPoints[i]}");
    }

    [Fact]
    public void HookActivations_OfSeveralAreThoseOfEach()
    {
        using var scope = NewDisposeScope();
        HookPoint[] hookPoints =
        [
            new(1, HookPointKind.MlpOut), new(0, HookPointKind.MlpPre), new(0, HookPointKind.MlpPost),
            new(0, HookPointKind.ResidPost), new(1, HookPointKind.ResidPre), new(0, HookPointKind.MlpPre),
        ];

        var together = _paper.HookActivations(_tokens, hookPoints);

        Assert.Equal(hookPoints.Length, together.Count);
        foreach (var (hookPoint, activations) in hookPoints.Zip(together))
            Assert.Equal(HostMemory.ToSingles(_paper.HookActivations(_tokens, hookPoint)), HostMemory.ToSingles(activations));
    }

    [Theory]
    [InlineData("blocks.0.ln2.hook_normalized", "blocks.0.hook_mlp_out")]
    [InlineData("blocks.0.hook_resid_mid", "blocks.1.hook_mlp_out")]
    [InlineData("blocks.1.mlp.hook_post", "blocks.0.hook_attn_out")] // the input may lie behind the target
    public void RunToHook_ReadsInputsBeside(string inputs, string target)
    {
        using var scope = NewDisposeScope();
        var (inputPoint, targetPoint) = (HookPoint.Parse(inputs), HookPoint.Parse(target));
        var state = _paper.RunToHook(_tokens, targetPoint, inputPoint);

        Assert.Equal(HostMemory.ToSingles(_paper.HookActivations(_tokens, inputPoint)), HostMemory.ToSingles(state.Inputs));
        Assert.Equal(HostMemory.ToSingles(_paper.HookActivations(_tokens, targetPoint)), HostMemory.ToSingles(state.Activations));
        Assert.True(allclose(_paper.TokenLosses(_tokens), _paper.TokenLosses(state, state.Activations, _tokens), rtol: 0, atol: 1e-5));
    }

    [Theory]
    [MemberData(nameof(HookPoints))]
    public void LogitWeights_AgreeWithTheFormula(string name)
    {
        var hookPoint = HookPoint.Parse(name);
        foreach (var model in (Transformer[])[_paper, _other])
        {
            double[] direction = [.. Enumerable.Range(0, model.WidthAt(hookPoint)).Select(i => Math.Sin(i + 1))];
            using var directions = HostMemory.ToTensor(Array.ConvertAll(direction, value => (float)value), [1, direction.Length], CPU);
            using var weights = model.LogitWeights(directions, hookPoint);

            var parameters = new ReferenceTransformer(model).Parameters;
            var residual = direction;
            if (hookPoint.Kind is HookPointKind.Ln2Normalized)
                residual = Through(residual, parameters[$"blocks.{hookPoint.Layer}.mlp.W_in"]);
            if (hookPoint.Kind is HookPointKind.Ln2Normalized or HookPointKind.MlpPre or HookPointKind.MlpPost)
                residual = Through(residual, parameters[$"blocks.{hookPoint.Layer}.mlp.W_out"]);
            var mean = model == _paper ? residual.Average() : 0;
            var raw = Through([.. residual.Select((value, d) => (value - mean) * parameters["ln_final.w"][d])], parameters["unembed.W_U"]);
            var median = raw.Order().ElementAt(model.VocabularySize / 2);

            Assert.Equal([1, model.VocabularySize], weights.shape);
            AssertClose(Array.ConvertAll(raw, value => value - median), weights, 1e-4);
        }
    }

    [Fact]
    public void Boundaries_RefuseWhatDoesNotFit()
    {
        using var scope = NewDisposeScope();
        var missing = new HookPoint(2, HookPointKind.ResidPre);
        var state = _paper.RunToHook(_tokens, new HookPoint(1, HookPointKind.AttnOut));
        var original = _paper.Finish(state, state.Activations);

        Assert.Contains(
            "'blocks.2.hook_resid_pre' is not in the model, whose layers are 0 to 1",
            Assert.Throws<ArgumentException>(() => _paper.HookActivations(_tokens, missing)).Message);
        Assert.Throws<ArgumentException>(() => _paper.RunToHook(_tokens, state.HookPoint, missing));
        Assert.Throws<ArgumentException>(() => _paper.LogitWeights(zeros(1, 8), missing));
        Assert.Throws<ArgumentException>(() => _paper.TokenLosses(state, zeros(Contexts, Length, 20), _tokens));
        Assert.Throws<ArgumentException>(() => _paper.TokenLosses(state, state.Activations, _tokens.narrow(0, 0, 1)));
        Assert.Throws<ArgumentException>(() => _paper.Splice(state, original.narrow(1, 0, 3), state.Activations, _tokens));
    }

    private static double[] Through(double[] vector, double[] matrix) =>
        [.. Enumerable.Range(0, matrix.Length / vector.Length).Select(j => vector.Select((value, i) => value * matrix[(i * (matrix.Length / vector.Length)) + j]).Sum())];

    private static long TensorsMade(Action action)
    {
        var before = Made();
        action();
        return Made() - before;

        static long Made() => DisposeScopeManager.Statistics.CreatedInScopeCount + DisposeScopeManager.Statistics.CreatedOutsideScopeCount;
    }

    private static double[] Flat(IEnumerable<double[][]> contexts) => [.. contexts.SelectMany(rows => rows).SelectMany(row => row)];

    private static void AssertClose(double[] expected, Tensor actual, double tolerance)
    {
        var values = HostMemory.ToSingles(actual);
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++)
            Assert.True(Math.Abs(expected[i] - values[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])), $"[{i}]: {values[i]} for {expected[i]}");
    }

    private double[][][] Reference(Transformer model, HookPoint hookPoint)
    {
        var reference = new ReferenceTransformer(model);
        return Array.ConvertAll(_windows, window =>
        {
            var seen = Array.Empty<double[]>();
            reference.Logits(window, (at, rows) => at == hookPoint ? seen = rows : rows);
            return seen;
        });
    }

    private (double[] Losses, double[] Divergences) ReferenceEffects(Transformer model, HookPoint hookPoint, double[][][] replaced)
    {
        var reference = new ReferenceTransformer(model);
        var (losses, divergences) = (new List<double>(), new List<double>());
        foreach (var (window, rows) in _windows.Zip(replaced))
        {
            var original = reference.Logits(window).Chunk(model.VocabularySize).Select(LogSoftmax).ToArray();
            var spliced = reference.Logits(window, (at, seen) => at == hookPoint ? rows : seen).Chunk(model.VocabularySize).Select(LogSoftmax).ToArray();
            for (var t = 0; t + 1 < window.Length; t++)
            {
                losses.Add(-spliced[t][window[t + 1]]);
                divergences.Add(original[t].Zip(spliced[t], (p, q) => Math.Exp(p) * (p - q)).Sum());
            }
        }

        return ([.. losses], [.. divergences]);
    }

    private static double[] LogSoftmax(double[] logits)
    {
        var total = Math.Log(logits.Sum(Math.Exp));
        return Array.ConvertAll(logits, value => value - total);
    }
}
