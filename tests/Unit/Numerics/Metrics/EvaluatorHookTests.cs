using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Metrics;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Unit.Numerics.Harvest;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Metrics;

/// <summary>A dictionary is measured at the hook point that it was trained at.</summary>
public sealed class EvaluatorHookTests : IDisposable
{
    private const int Vocabulary = 50;

    private readonly TokenArray _tokens = TokenArray.Markov(240, Vocabulary, 4);

    private readonly Transformer _model = new(
        new TransformerDefinition { Layers = 2, ModelDim = 16, MlpDim = 24, Heads = 2, ContextLength = 12, Activation = "gelu" }, Vocabulary, CPU, seed: 3);

    /// <summary>Every hook point of both layers.</summary>
    public static TheoryData<string> HookPoints => [.. HookPoint.NamesIn(0), .. HookPoint.NamesIn(1)];

    public void Dispose() => _model.Dispose();

    [Theory]
    [MemberData(nameof(HookPoints))]
    public void Evaluate_OfAPerfectDictionary_RecoversEverything(string hookPoint)
    {
        using var dictionary = Perfect(hookPoint, _model.WidthAt(HookPoint.Parse(hookPoint)));

        var evaluation = Assert.Single(Evaluate(dictionary));

        Assert.Equal(evaluation.LossOriginal, evaluation.LossSpliced, 1e-5);
        Assert.Equal(1, evaluation.ExplainedVariance, 1e-5);
        Assert.True(Math.Abs(evaluation.LossZero - evaluation.LossOriginal) > 1e-4);
    }

    [Fact]
    public void Evaluate_OfSeveralHookPoints_IsWhatEachGetsAlone()
    {
        using var first = Perfect("blocks.0.hook_mlp_out", 16);
        using var second = Perfect("blocks.1.hook_mlp_out", 16);
        using var third = Perfect("blocks.0.hook_mlp_out", 16);
        third.EncoderBias.fill_(-0.1f);

        var together = Evaluate(first, second, third);

        Assert.Equal([first, second, third], together.Select(evaluation => evaluation.Dictionary));
        Assert.Equal(Evaluate(second)[0].LossZero, together[1].LossZero);
        Assert.Equal(Evaluate(third)[0].KlSpliced, together[2].KlSpliced);
        Assert.NotEqual(together[0].LossZero, together[1].LossZero);
    }

    [Fact]
    public void Evaluate_RefusesWhatIsNotOfTheModel()
    {
        using var nowhere = Perfect("hook_embed", 16);
        using var wrong = Perfect("blocks.1.mlp.hook_pre", 16);
        using var target = Transcoder("blocks.0.mlp.hook_post", 24, "blocks.0.hook_mlp_out", 24);

        Assert.Contains("'hook_embed' is unknown", Assert.Throws<ArgumentException>(() => Evaluate(nowhere)).Message);
        Assert.Contains("inputs of width 16 for a model of width 24 at blocks.1.mlp.hook_pre", Assert.Throws<ArgumentException>(() => Evaluate(wrong)).Message);
        Assert.Contains("outputs of width 24 for a model of width 16 at blocks.0.hook_mlp_out", Assert.Throws<ArgumentException>(() => Evaluate(target)).Message);
    }

    /// <summary>What the MLP adds to the stream is linear in its hidden layer, so that one transcoder between them is exact.</summary>
    [Fact]
    public void Evaluate_OfAnExactTranscoder_RecoversEverythingAtItsTarget()
    {
        using var transcoder = Transcoder("blocks.1.mlp.hook_post", 24, "blocks.1.hook_mlp_out", 16, features: 48);
        using (NewDisposeScope())
        {
            transcoder.EncoderWeight.copy_(cat([eye(24), -eye(24)], 0));
            var weights = _model.Parameter("blocks.1.mlp.W_out");
            transcoder.DecoderWeight.copy_(cat([weights, -weights], 0));
            transcoder.DecoderBias.copy_(_model.Parameter("blocks.1.mlp.b_out"));
        }

        var evaluation = Assert.Single(Evaluate(transcoder));

        Assert.Equal(1, evaluation.ExplainedVariance, 1e-5);
        Assert.Equal(1, evaluation.CosineSimilarity, 1e-5);
        Assert.Equal(0, evaluation.MeanSquaredError, 1e-9);
        Assert.Equal(evaluation.LossOriginal, evaluation.LossSpliced, 1e-5);
        Assert.Equal(1, evaluation.KlRecovered, 1e-3);
        Assert.All(evaluation.Features, row => Assert.True(float.IsNaN(row.EncoderDecoderCosine)));
    }

    [Fact]
    public void Evaluate_OfASilentTranscoder_ComparesWithItsTargetAndNotWithItsInput()
    {
        using var transcoder = Transcoder("blocks.0.hook_resid_mid", 16, "blocks.1.mlp.hook_post", 24);
        transcoder.EncoderBias.fill_(-1000);
        using var scope = NewDisposeScope();
        var windows = HostMemory.ToTensor(Array.ConvertAll(Ids(), id => (long)id), [20, 12], CPU);
        var target = _model.HookActivations(windows, HookPoint.Parse("blocks.1.mlp.hook_post"));

        var evaluation = Assert.Single(Evaluate(transcoder));

        Assert.Equal(target.square().mean().item<float>(), evaluation.MeanSquaredError, 1e-6);
        Assert.Equal(evaluation.LossZero, evaluation.LossSpliced, 1e-9);
    }

    private static SparseDictionary Transcoder(string input, int width, string target, int outputWidth, int features = 30) => new(
        new DictionaryDefinition { Architecture = "transcoder", FeatureCount = features, Tokens = 1, Seed = 1 },
        new DictionarySite(input, width, target, outputWidth));

    /// <summary>One feature for each direction of each dimension.</summary>
    private static SparseDictionary Perfect(string hookPoint, int width)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var dictionary = new SparseDictionary(new DictionaryDefinition { FeatureCount = 2 * width, Tokens = 1, Seed = 1 }, width, hookPoint);
        var both = cat([eye(width), -eye(width)], 0);
        dictionary.EncoderWeight.copy_(both);
        dictionary.DecoderWeight.copy_(both);
        return dictionary;
    }

    private IReadOnlyList<DictionaryEvaluation> Evaluate(params SparseDictionary[] dictionaries) =>
        new DictionaryEvaluator(_model, token => $"t{token}").Evaluate(
            dictionaries, _tokens, new EvaluationDefinition { Tokens = 1_000 }, CancellationToken.None);

    private int[] Ids()
    {
        var ids = new int[_tokens.Count];
        _tokens.Read(0, ids);
        return ids;
    }
}
