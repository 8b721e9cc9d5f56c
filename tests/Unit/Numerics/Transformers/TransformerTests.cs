using Orchestrator.Abstractions;
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

    private static readonly HookPoint MlpPost = new(0, HookPointKind.MlpPost);

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
    [InlineData(1, "relu", "layer-norm", 1e-5)]
    [InlineData(2, "relu", "layer-norm", 1e-5)]
    [InlineData(2, "gelu", "layer-norm", 1e-2)]
    [InlineData(2, "gelu-tanh", "rms-norm", 1e-2)]
    public void Logits_AgreeWithAnIndependentReference(int layers, string activation, string normalisation, double epsilon)
    {
        using var model = Randomised(
            Definition with { Layers = layers, Activation = activation, Normalisation = normalisation, NormEpsilon = epsilon });
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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void TokenLosses_AreThoseOfTheLogits(int layers)
    {
        using var scope = NewDisposeScope();
        using var model = Randomised(Definition with { Layers = layers });
        var losses = model.TokenLosses(_tokens);

        var expected = model.Logits(_tokens).narrow(1, 0, 5).log_softmax(2)
            .gather(2, _tokens.narrow(1, 1, 5).unsqueeze(2)).squeeze(2).neg();
        Assert.Equal([2, 5], losses.shape);
        Assert.True(allclose(expected, losses, 1e-4, 1e-5));
    }

    [Fact]
    public void FromTensors_GivesTheSameModel()
    {
        using var scope = NewDisposeScope();
        using var model = Randomised(Definition with { Normalisation = "rms-norm" });
        var tensors = model.ParameterNames.ToDictionary(name => name, name => model.Parameter(name).to(ScalarType.Float64));
        using var copy = Transformer.FromTensors(model.Definition, Vocabulary, tensors, CPU);

        Assert.Equal(HostMemory.ToSingles(model.Logits(_tokens)), HostMemory.ToSingles(copy.Logits(_tokens)));
    }

    [Fact]
    public void FromTensors_NamesEverythingThatIsWrong()
    {
        using var scope = NewDisposeScope();
        var tensors = _model.ParameterNames.ToDictionary(name => name, name => _model.Parameter(name).clone());
        tensors["blocks.0.mlp.W_in"] = zeros(20, 8);
        tensors["blocks.0.attn.b_Q"] = zeros([2, 4], ScalarType.Int64);
        tensors.Remove("ln_final.b");
        tensors["lm_head.bias"] = zeros(3);

        var exception = Assert.Throws<ArgumentException>(() => Transformer.FromTensors(Definition, Vocabulary, tensors, CPU));

        Assert.Contains("blocks.0.mlp.W_in has shape [20, 8], expected [8, 20]", exception.Message);
        Assert.Contains("blocks.0.attn.b_Q holds Int64", exception.Message);
        Assert.Contains("ln_final.b [8] is missing", exception.Message);
        Assert.Contains("lm_head.bias is surplus", exception.Message);
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
        using (var plain = _model.TokenLosses(_tokens))
        using (var activations = _model.HookActivations(_tokens, MlpPost))
        using (var state = _model.RunToHook(_tokens, MlpPost))
        using (var original = _model.Finish(state, activations))
        using (var losses = _model.TokenLosses(state, activations, _tokens))
        using (var spliced = _model.Splice(state, original, activations, _tokens))
        using (var weights = _model.LogitWeights(directions, MlpPost))
        {
            Assert.Equal(before + 10, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
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
        Assert.Throws<ArgumentException>(() => _model.HookActivations(tooLong, MlpPost));
        Assert.Throws<ArgumentException>(() => _model.RunToHook(floats, MlpPost));
        Assert.Throws<ArgumentException>(() => _model.LogitWeights(directions, MlpPost));
    }

    [Theory]
    [InlineData(0, 8, 2, "relu", "layer-norm", 1e-5)]
    [InlineData(1, 8, 3, "relu", "layer-norm", 1e-5)]
    [InlineData(1, 8, 2, "gelu_new", "layer-norm", 1e-5)]
    [InlineData(1, 8, 2, "relu", "LayerNorm", 1e-5)]
    [InlineData(1, 8, 2, "relu", "layer-norm", 0)]
    public void Constructor_RefusesImpossibleDefinitions(
        int layers, int width, int heads, string activation, string normalisation, double epsilon) =>
        Assert.Throws<ArgumentException>(() => new Transformer(
            Definition with
            {
                Layers = layers,
                ModelDim = width,
                Heads = heads,
                Activation = activation,
                Normalisation = normalisation,
                NormEpsilon = epsilon,
            },
            Vocabulary, CPU, 1));

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
