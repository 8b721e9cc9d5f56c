using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Transformers;

public sealed class TransformerTests : IDisposable
{
    private const int Vocabulary = 17;

    private static readonly TransformerDefinition Definition = new()
    {
        Layers = 1,
        ModelDim = 8,
        MlpDim = 20,
        Heads = 2,
        ContextLength = 6,
    };

    private readonly Transformer _model = new(Definition, Vocabulary, CPU, 1);
    private readonly Tensor _tokens = tensor(new long[,] { { 1, 2, 3, 4, 5, 6 }, { 7, 8, 9, 10, 11, 12 } });

    public void Dispose()
    {
        _model.Dispose();
        _tokens.Dispose();
    }

    [Fact]
    public void ParameterCount_IsThatOfTheDefinition()
    {
        const int Attention = (4 * 8 * 8) + (4 * 8);
        const int Mlp = (2 * 8 * 20) + 20 + 8;
        const int Norms = 3 * 2 * 8;

        Assert.Equal((Vocabulary * 8) + (6 * 8) + Attention + Mlp + Norms + (8 * Vocabulary) + Vocabulary, _model.ParameterCount);
    }

    [Fact]
    public void Constructor_FollowsTheSeedAlone()
    {
        using var same = new Transformer(Definition, Vocabulary, CPU, 1);
        using var other = new Transformer(Definition, Vocabulary, CPU, 2);

        Assert.Equal(Values(_model, "blocks.0.mlp.W_in"), Values(same, "blocks.0.mlp.W_in"));
        Assert.NotEqual(Values(_model, "blocks.0.mlp.W_in"), Values(other, "blocks.0.mlp.W_in"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Logits_AgreeWithAnIndependentReference(int layers)
    {
        using var model = Randomised(Definition with { Layers = layers });
        using var logits = model.Logits(_tokens);

        var actual = HostMemory.ToSingles(logits);
        for (var context = 0; context < 2; context++)
        {
            var expected = new ReferenceTransformer(model).Logits([.. HostMemory.Longs(_tokens).Slice(context * 6, 6)]);
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[(context * expected.Length) + i], 1e-4);
        }
    }

    [Fact]
    public void Logits_DoNotSeeTheFuture()
    {
        using var changed = _tokens.clone();
        changed[0, 4] = 0;
        using var before = _model.Logits(_tokens);
        using var after = _model.Logits(changed);

        Assert.Equal([2, 6, Vocabulary], before.shape);
        var (first, second) = (HostMemory.ToSingles(before), HostMemory.ToSingles(after));
        Assert.Equal(first[..(4 * Vocabulary)], second[..(4 * Vocabulary)]);
        Assert.NotEqual(first[(4 * Vocabulary)..(5 * Vocabulary)], second[(4 * Vocabulary)..(5 * Vocabulary)]);
    }

    [Fact]
    public void HookActivations_AreThoseOfRunToHook()
    {
        using var activations = _model.HookActivations(_tokens);
        using var state = _model.RunToHook(_tokens);

        Assert.Equal([2, 6, 20], activations.shape);
        Assert.Equal([2, 6, 8], state.Residual.shape);
        Assert.Equal(HostMemory.ToSingles(activations), HostMemory.ToSingles(state.Activations));
        Assert.All(HostMemory.ToSingles(activations), value => Assert.True(value >= 0));
        Assert.Contains(HostMemory.ToSingles(activations), value => value > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void TokenLosses_WithTheTrueActivationsAreThoseOfTheLogits(int layers)
    {
        using var scope = NewDisposeScope();
        using var model = Randomised(Definition with { Layers = layers });
        var state = model.RunToHook(_tokens);
        var losses = model.TokenLosses(state, state.Activations, _tokens);
        var zeroed = model.TokenLosses(state, zeros_like(state.Activations), _tokens);

        var expected = model.Logits(_tokens).narrow(1, 0, 5).log_softmax(2)
            .gather(2, _tokens.narrow(1, 1, 5).unsqueeze(2)).squeeze(2).neg();
        Assert.Equal([2, 5], losses.shape);
        Assert.True(allclose(expected, losses, 1e-4, 1e-5));
        Assert.False(allclose(losses, zeroed, 1e-3, 1e-3));
    }

    [Fact]
    public void LogitWeights_AgreeWithTheFormula()
    {
        using var model = Randomised(Definition);
        float[] direction = [.. Enumerable.Range(0, 20).Select(i => MathF.Sin(i))];
        using var directions = HostMemory.ToTensor(direction, [1, 20], CPU);
        using var weights = model.LogitWeights(directions);

        var (down, gain, up) = (Values(model, "blocks.0.mlp.W_out"), Values(model, "ln_final.w"), Values(model, "unembed.W_U"));
        var residual = new double[8];
        for (var d = 0; d < 8; d++)
            residual[d] = Enumerable.Range(0, 20).Sum(m => (double)direction[m] * down[(m * 8) + d]);
        var mean = residual.Average();
        var raw = Enumerable.Range(0, Vocabulary)
            .Select(v => Enumerable.Range(0, 8).Sum(d => (residual[d] - mean) * gain[d] * up[(d * Vocabulary) + v]))
            .ToArray();
        var median = raw.Order().ElementAt(Vocabulary / 2);

        Assert.Equal([1, Vocabulary], weights.shape);
        Assert.All(raw.Zip(HostMemory.ToSingles(weights)), pair => Assert.Equal(pair.First - median, pair.Second, 1e-4));
    }

    [Fact]
    public void RandomTwin_ShufflesMatricesAndKeepsVectors()
    {
        using var model = Randomised(Definition);
        using var twin = model.RandomTwin(3);
        using var again = model.RandomTwin(3);
        foreach (var name in model.ParameterNames)
        {
            var (original, shuffled) = (Values(model, name), Values(twin, name));
            Assert.Equal(shuffled, Values(again, name));
            if (name.Contains("W_"))
            {
                Assert.NotEqual(original, shuffled);
                Assert.Equal(original.Order(), shuffled.Order());
            }
            else
            {
                Assert.Equal(original, shuffled);
            }
        }
    }

    [Fact]
    public void Passes_LeaveOnlyTheirResults()
    {
        using var directions = ones(3, 20);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var logits = _model.Logits(_tokens))
        using (var activations = _model.HookActivations(_tokens))
        using (var state = _model.RunToHook(_tokens))
        using (var losses = _model.TokenLosses(state, activations, _tokens))
        using (var weights = _model.LogitWeights(directions))
        {
            Assert.Equal(before + 6, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Results_SurviveTheScopeThatAModelWasMadeIn()
    {
        Transformer model;
        using (NewDisposeScope())
            model = new Transformer(Definition, Vocabulary, CPU, 1);

        using var expected = _model.Logits(_tokens);
        using var logits = model.Logits(_tokens);
        Assert.Equal(HostMemory.ToSingles(expected), HostMemory.ToSingles(logits));
        model.Dispose();
    }

    [Fact]
    public void Boundaries_RefuseWrongShapes()
    {
        using var flat = zeros(6, ScalarType.Int64);
        using var tooLong = zeros(1, 7, ScalarType.Int64);
        using var floats = zeros(1, 6);
        using var directions = zeros(2, 19);

        Assert.Throws<ArgumentException>(() => _model.Logits(flat));
        Assert.Throws<ArgumentException>(() => _model.HookActivations(tooLong));
        Assert.Throws<ArgumentException>(() => _model.RunToHook(floats));
        Assert.Throws<ArgumentException>(() => _model.LogitWeights(directions));
    }

    [Theory]
    [InlineData(0, 8, 2, "relu")]
    [InlineData(1, 8, 3, "relu")]
    [InlineData(1, 8, 2, "gelu")]
    public void Constructor_RefusesImpossibleDefinitions(int layers, int width, int heads, string activation) =>
        Assert.Throws<ArgumentException>(() => new Transformer(
            Definition with { Layers = layers, ModelDim = width, Heads = heads, Activation = activation }, Vocabulary, CPU, 1));

    /// <summary>A model whose biases and gains are not at their neutral values, so that each of them matters.</summary>
    internal static Transformer Randomised(TransformerDefinition definition)
    {
        var model = new Transformer(definition, Vocabulary, CPU, 4);
        var random = new SeededRandom(8);
        foreach (var name in model.ParameterNames)
        {
            foreach (ref var value in HostMemory.Singles(model.Parameter(name)))
                value += (float)(random.NextGaussian() * 0.3);
        }

        return model;
    }

    private static float[] Values(Transformer model, string name) => HostMemory.ToSingles(model.Parameter(name));
}
