using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Metrics;
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
    public void Evaluate_RefusesWhatIsNotOfOneHookPoint()
    {
        using var first = Perfect("blocks.0.hook_mlp_out", 16);
        using var second = Perfect("blocks.1.hook_mlp_out", 16);
        using var nowhere = Perfect("hook_embed", 16);
        using var wrong = Perfect("blocks.1.mlp.hook_pre", 16);

        Assert.Contains("blocks.0.hook_mlp_out, blocks.1.hook_mlp_out", Assert.Throws<ArgumentException>(() => Evaluate(first, second)).Message);
        Assert.Contains("'hook_embed' is unknown", Assert.Throws<ArgumentException>(() => Evaluate(nowhere)).Message);
        Assert.Contains("width 16 for a model of width 24", Assert.Throws<ArgumentException>(() => Evaluate(wrong)).Message);
    }

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
}
