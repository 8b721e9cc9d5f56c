using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Metrics;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Metrics;

public sealed class DictionaryEvaluatorTests
{
    private const int Vocabulary = 50;
    private const int Contexts = 19;
    private static readonly HookPoint MlpPost = new(0, HookPointKind.MlpPost);
    private static readonly TransformerDefinition Definition = new() { ModelDim = 16, MlpDim = 24, Heads = 2, ContextLength = 12 };

    [Fact]
    public void Evaluate_OfAPerfectDictionary_RecoversEverything()
    {
        using var model = new Transformer(Definition, Vocabulary, CPU, seed: 3);
        using var dictionary = Identity();
        var evaluation = Assert.Single(Evaluate(model, dictionary));
        Assert.Equal(1, evaluation.ExplainedVariance, 1e-6);
        Assert.Equal(0, evaluation.MeanSquaredError, 1e-10);
        Assert.Equal(evaluation.LossOriginal, evaluation.LossSpliced, 1e-6);
        Assert.Equal(1, evaluation.LossRecovered, 1e-4);
        Assert.Equal(0, evaluation.KlSpliced, 1e-6);
        Assert.Equal(1, evaluation.KlRecovered, 1e-4);
        Assert.Equal(1, evaluation.CosineSimilarity, 1e-6);
        Assert.Equal(1, evaluation.L2Ratio, 1e-6);
        Assert.Equal(1, evaluation.RelativeReconstructionBias, 1e-6);
        Assert.Equal(0, evaluation.MeanMaxDecoderCosine, 1e-6);
        Assert.Equal(Contexts * Definition.ContextLength, evaluation.Tokens);
    }

    [Fact]
    public void Evaluate_OfASilentDictionary_IsZeroAblation()
    {
        using var model = new Transformer(Definition, Vocabulary, CPU, seed: 3);
        using var dictionary = Identity();
        dictionary.EncoderBias.fill_(-1000);
        var evaluation = Assert.Single(Evaluate(model, dictionary));
        Assert.Equal(0, evaluation.L0);
        Assert.Equal(evaluation.LossZero, evaluation.LossSpliced, 1e-9);
        Assert.Equal(0, evaluation.LossRecovered, 1e-9);
        Assert.Equal(evaluation.KlZero, evaluation.KlSpliced, 1e-9);
        Assert.True(evaluation.KlZero > 0);
        Assert.Equal(0, evaluation.KlRecovered, 1e-9);
        Assert.Equal((0, 0), (evaluation.L1, evaluation.L2Ratio));
        Assert.Equal(double.NaN, evaluation.RelativeReconstructionBias);
        Assert.Equal(Definition.MlpDim, evaluation.DeadFeatures);
        Assert.All(evaluation.Features, row => Assert.True(row.Dead && row.TopTokens.Count == 0));
    }

    [Fact]
    public void Evaluate_FillsTheFeatureTable_FromThePlainDefinitions()
    {
        using var model = new Transformer(Definition, Vocabulary, CPU, seed: 3);
        using var dictionary = Identity();
        var evaluation = Assert.Single(Evaluate(model, dictionary));
        var tokens = Tokens();
        using var scope = NewDisposeScope();
        var windows = Windows();
        var activations = HostMemory.ToSingles(model.HookActivations(windows, MlpPost)).Chunk(Definition.MlpDim).ToArray();
        var logits = HostMemory.ToSingles(model.LogitWeights(eye(Definition.MlpDim), MlpPost)).Chunk(Vocabulary).ToArray();
        for (var feature = 0; feature < Definition.MlpDim; feature++)
        {
            var row = evaluation.Features[feature];
            var values = Array.ConvertAll(activations, vector => vector[feature]);
            Assert.Equal(feature, row.Feature);
            Assert.Equal(values.Count(value => value > 0) / (double)values.Length, row.Density, 1e-12);
            Assert.Equal(Math.Max(0, values.Max()), row.MaxActivation, 1e-5);
            Assert.Equal(1, row.EncoderNorm, 1e-6);
            Assert.Equal(1, row.EncoderDecoderCosine, 1e-6);
            Assert.Equal(10, row.PositiveLogits.Count);
            Assert.Equal(logits[feature].Max(), row.PositiveLogits[0], 1e-5);
            Assert.Equal(logits[feature].Min(), row.NegativeLogits[0], 1e-5);
            Assert.Equal($"t{Array.IndexOf(logits[feature], logits[feature].Max())}", row.PositiveLogitTokens[0]);
            if (row.Dead) continue;
            var top = values.Select((value, i) => (value, token: tokens[i])).GroupBy(pair => pair.token)
                .OrderByDescending(group => group.Sum(pair => (double)Math.Max(0, pair.value))).First().Key;
            Assert.Equal($"t{top}", row.TopTokens[0]);
        }
    }

    [Fact]
    public void Evaluate_OfAnyDictionary_MeasuresThePlainDefinitions()
    {
        using var model = new Transformer(Definition, Vocabulary, CPU, seed: 3);
        using var dictionary = new SparseDictionary(Of(60), Definition.MlpDim, MlpPost.ToString());
        var evaluation = Assert.Single(Evaluate(model, dictionary));
        using var scope = NewDisposeScope();
        var windows = Windows();
        var state = model.RunToHook(windows, MlpPost);
        var x = state.Activations.view(-1, Definition.MlpDim);
        var f = dictionary.Encode(x);
        var xHat = dictionary.Decode(f);
        var (lengths, lengthsHat) = (x.square().sum(dim: 1L).sqrt(), xHat.square().sum(dim: 1L).sqrt());
        var before = model.Logits(windows).log_softmax(-1);
        var after = Logits(model, state, xHat.view(state.Activations.shape)).log_softmax(-1);
        var divergence = (before.exp() * (before - after)).sum(-1).narrow(1, 0, Definition.ContextLength - 1).mean();

        Assert.Equal(f.sum(dim: 1L).mean().item<float>(), evaluation.L1, 1e-5);
        Assert.Equal((x - xHat).square().mean().item<float>(), evaluation.MeanSquaredError, 1e-6);
        Assert.Equal(((x * xHat).sum(dim: 1L) / lengths / lengthsHat).mean().item<float>(), evaluation.CosineSimilarity, 1e-5);
        Assert.Equal((lengthsHat / lengths).mean().item<float>(), evaluation.L2Ratio, 1e-5);
        Assert.Equal((xHat.square().sum() / (x * xHat).sum()).item<float>(), evaluation.RelativeReconstructionBias, 1e-5);
        Assert.Equal(divergence.item<float>(), evaluation.KlSpliced, 1e-6);
        Assert.True(evaluation.KlSpliced > 1e-5);
        Assert.Equal(evaluation.Features.Average(row => row.MaxDecoderCosine), evaluation.MeanMaxDecoderCosine, 1e-6);
        Assert.Equal(evaluation.Features.Count(row => row.Density > 0.1) / 60.0, evaluation.FeaturesAboveTenPercent);
    }

    [Fact]
    public void Evaluate_LeavesNoTensorBehind()
    {
        using var model = new Transformer(Definition, Vocabulary, CPU, seed: 3);
        using var dictionary = Identity();
        Evaluate(model, dictionary);
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Evaluate(model, dictionary);
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Evaluate_OfSeveral_IsWhatEachGetsAlone()
    {
        using var model = new Transformer(Definition, Vocabulary, CPU, seed: 3);
        using var identity = Identity();
        using var random = new SparseDictionary(Of(60), Definition.MlpDim, MlpPost.ToString());
        var together = Evaluate(model, identity, random);
        Assert.Equal(Evaluate(model, identity)[0].LossSpliced, together[0].LossSpliced);
        Assert.Equal(Evaluate(model, random)[0].LossRecovered, together[1].LossRecovered);
        var result = together[1].ToResult(tokensSeen: 5, tokensPerSecond: 2, resampledFeatures: 1);
        Assert.Equal((60, together[1].L0, 5L), (result.FeatureCount, result.L0, result.TokensSeen));
        Assert.Equal((2, together[1].KlSpliced), (result.MetricsVersion, result.KlSpliced));
    }

    private static Tensor Windows() =>
        HostMemory.ToTensor(Array.ConvertAll(Tokens(), token => (long)token), [Contexts, Definition.ContextLength], CPU);

    private static Tensor Logits(Transformer model, ForwardState state, Tensor activations)
    {
        var x = model.Finish(state, activations).view(-1, Definition.ModelDim);
        return (x.mm(model.Parameter("unembed.W_U")) + model.Parameter("unembed.b_U")).view(Contexts, Definition.ContextLength, Vocabulary);
    }

    private static IReadOnlyList<DictionaryEvaluation> Evaluate(Transformer model, params SparseDictionary[] dictionaries) =>
        new DictionaryEvaluator(model, token => $"t{token}").Evaluate(
            dictionaries, new Sequence(Tokens()), new EvaluationDefinition { Tokens = 1_000 }, CancellationToken.None);

    /// <summary>Activations behind a ReLU are not negative: one feature for each dimension reconstructs them.</summary>
    private static SparseDictionary Identity()
    {
        var dictionary = new SparseDictionary(Of(Definition.MlpDim), Definition.MlpDim, MlpPost.ToString());
        using var unit = eye(Definition.MlpDim);
        dictionary.EncoderWeight.copy_(unit);
        dictionary.DecoderWeight.copy_(unit);
        return dictionary;
    }

    private static DictionaryDefinition Of(int features) => new() { FeatureCount = features, Tokens = 1, Seed = 1 };

    private static int[] Tokens()
    {
        var random = new SeededRandom(4);
        var tokens = new int[Contexts * Definition.ContextLength];
        for (var i = 0; i < tokens.Length; i++) tokens[i] = random.NextInt(Vocabulary);
        return tokens;
    }

    private sealed class Sequence(int[] tokens) : ITokenSequence
    {
        public long Count => tokens.Length;

        public void Read(long offset, Span<int> destination) => tokens.AsSpan((int)offset, destination.Length).CopyTo(destination);
    }
}
