using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Interchange;
using Orchestrator.Unit.Numerics.Dictionaries;
using Xunit;

namespace Orchestrator.Unit.Numerics.Interchange;

/// <summary>
/// What is imported computes what its tool computes: reconstructions are the same, activations are too but for the norms
/// that were folded into them. The formulas are those of the tools, spelled out on plain numbers.
/// </summary>
public sealed class ForeignForwardTests
{
    private const int Dim = 24;
    private const int Features = 60;
    private const int K = 6;
    private const string HookPoint = "blocks.0.mlp.hook_post";

    /// <summary>Rows of very different lengths, one of them 0.</summary>
    private static readonly Func<int, double> Uneven = feature => feature == 11 ? 0 : 0.3 + (feature % 7 * 0.4);

    private static readonly Func<int, double> Unit = _ => 1;

    [Theory]
    [InlineData("standard", true)]
    [InlineData("standard", false)]
    [InlineData("jumprelu", true)]
    [InlineData("jumprelu", false)]
    [InlineData("gated", true)]
    [InlineData("gated", false)]
    public void SaeLens_ComputesTheSame(string architecture, bool hasPreBias)
    {
        var raw = new RawDictionary(Features, Dim, Dim, 1, Uneven);
        using var folder = ForeignFolder.SaeLens(raw, architecture, hasPreBias).WriteSaeLens();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        Assert.True(dictionary.HasUnitRows);
        Assert.Equal(hasPreBias, dictionary.HasPreBias);
        Computed.Of(dictionary).RequireClose(x => Folded(raw, Activate(raw, architecture, raw.Dots(x, hasPreBias))));
    }

    [Theory]
    [InlineData("transcoder")]
    [InlineData("skip_transcoder")]
    [InlineData("jumprelu_transcoder")]
    public void SaeLensTranscoder_ComputesTheSame(string architecture)
    {
        var raw = new RawDictionary(Features, Dim, Dim + 5, 1, Uneven);
        using var folder = ForeignFolder.SaeLens(raw, architecture).WriteSaeLens();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load("in", "out");
        Assert.Equal(Dim + 5, dictionary.OutputDim);
        Computed.Of(dictionary).RequireClose(x =>
        {
            var (f, y) = Folded(raw, Activate(raw, architecture.StartsWith("jumprelu", StringComparison.Ordinal) ? "jumprelu" : "standard", raw.Dots(x, false)));
            return (f, architecture == "skip_transcoder" ? raw.WithSkip(y, x) : y);
        });
    }

    [Fact]
    public void SaeLensTopK_WithUnevenRows_KeepsThemAndWhatTheyRank()
    {
        var raw = new RawDictionary(Features, Dim, Dim, 1, Uneven);
        using var folder = ForeignFolder.SaeLens(raw, "topk").WriteSaeLens();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        Assert.False(dictionary.HasUnitRows);
        Computed.Of(dictionary).RequireClose(x => Plain(raw, RawDictionary.Largest(Biased(raw, x), K)));
        Assert.Equal(1, dictionary.Direction(3).Sum(value => value * value), 1e-5);
        Assert.All(dictionary.Direction(11), value => Assert.Equal(0, value));
        Assert.Equal(raw.Decoder[(3 * Dim) + 2] / raw.RowNorm(3), dictionary.Direction(3)[2], 1e-6);
    }

    [Fact]
    public void SaeLensTopK_ThatRanksWhatIsRescaled_IsFolded()
    {
        var raw = new RawDictionary(Features, Dim, Dim, 1, Uneven);
        using var folder = ForeignFolder.SaeLens(raw, "topk");
        folder.Config["rescale_acts_by_decoder_norm"] = true;
        folder.WriteSaeLens();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        Assert.True(dictionary.HasUnitRows);
        Computed.Of(dictionary).RequireClose(x =>
        {
            var f = RawDictionary.Largest([.. Biased(raw, x).Select((value, feature) => value * raw.RowNorm(feature))], K);
            return (f, raw.Decode([.. f.Select((value, feature) => value == 0 ? 0 : value / raw.RowNorm(feature))]));
        });
    }

    [Fact]
    public void SaeLensTopK_WithRowsOfOneNorm_IsFolded()
    {
        var raw = new RawDictionary(Features, Dim, Dim, 1, _ => 0.1);
        using var folder = ForeignFolder.SaeLens(raw, "topk").WriteSaeLens();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        Assert.True(dictionary.HasUnitRows);
        Computed.Of(dictionary).RequireClose(x => Folded(raw, RawDictionary.Largest(Biased(raw, x), K)));
    }

    [Theory]
    [InlineData("standard")]
    [InlineData("topk")]
    [InlineData("jumprelu")]
    [InlineData("gated")]
    public void SaeLens_TrainedOnScaledInputs_IsFoldedWithItsFactor(string architecture)
    {
        const double Scale = 3.7;
        var raw = new RawDictionary(Features, Dim, Dim, 1, Unit);
        using var folder = ForeignFolder.SaeLens(raw, architecture);
        folder.Config["normalize_activations"] = "expected_average_only_in";
        File.WriteAllText(folder.File("activation_scaler.json"), $$"""{"scaling_factor": {{FormattableString.Invariant($"{Scale}")}}}""");
        folder.WriteSaeLens();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        Assert.True(dictionary.HasUnitRows);
        Computed.Of(dictionary).RequireClose(
            x =>
            {
                var f = Activate(raw, architecture, raw.Dots(x, hasPreBias: true, Scale));
                return ([.. f.Select(value => value / Scale)], [.. raw.Decode(f).Select(value => value / Scale)]);
            },
            error: 2e-6);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(K)]
    public void SaeLensBefore6_ComputesTheSame(int? k)
    {
        var raw = new RawDictionary(Features, Dim, Dim, 1, Unit);
        using var folder = ForeignFolder.OldSaeLens(raw, k).WriteSaeLens();
        var foreign = ForeignDictionary.Open(folder.Root);
        using var dictionary = foreign.Load(HookPoint);
        Assert.Equal("blocks.0.mlp.hook_post", foreign.HookPoint);
        Assert.Equal(k, dictionary.Definition.K);
        Assert.Contains("gpt2-small", dictionary.ImportedFrom, StringComparison.Ordinal);
        Computed.Of(dictionary).RequireClose(x => Plain(raw, Activate(raw, k is null ? "standard" : "topk", raw.Dots(x, hasPreBias: true))));
    }

    [Theory]
    [InlineData("AutoEncoder", "standard", true, 0)]
    [InlineData("AutoEncoderNew", "standard", false, 0)]
    [InlineData("AutoEncoderTopK", "topk", true, 0.05)]
    [InlineData("BatchTopKSAE", "threshold", true, 0.35)]
    [InlineData("MatryoshkaBatchTopKSAE", "threshold", true, 0.35)]
    [InlineData("BatchTopKSAE", "standard", true, -1)]   // the threshold was never set
    [InlineData("GatedAutoEncoder", "gated", true, 0)]
    [InlineData("JumpReluAutoEncoder", "jumprelu", false, 0)]
    public void DictionaryLearning_ComputesTheSame(string kind, string activation, bool hasPreBias, float threshold)
    {
        var ranks = kind.Contains("TopK", StringComparison.Ordinal);
        var raw = new RawDictionary(Features, Dim, Dim, 1, ranks ? Unit : Uneven);
        using var folder = ForeignFolder.DictionaryLearning(raw, kind, K, threshold).WriteDictionaryLearning();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        Assert.Equal(ranks ? K : null, dictionary.Definition.K);
        Computed.Of(dictionary).RequireClose(x => Folded(raw, activation == "threshold"
            ? Array.ConvertAll(Biased(raw, x), value => value > threshold ? value : 0)
            : Activate(raw, activation, raw.Dots(x, hasPreBias))));
    }

    [Fact]
    public void DictionaryLearningBatchTopK_WithUnevenRows_KeepsThemAndItsThreshold()
    {
        const float Threshold = 0.35f;
        var raw = new RawDictionary(Features, Dim, Dim, 1, Uneven);
        using var folder = ForeignFolder.DictionaryLearning(raw, "BatchTopKSAE", K, Threshold).WriteDictionaryLearning();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        Assert.False(dictionary.HasUnitRows);
        Computed.Of(dictionary).RequireClose(x => Plain(raw, Array.ConvertAll(Biased(raw, x), value => value > Threshold ? value : 0)));
    }

    [Fact]
    public void DictionaryLearningMatryoshka_HasItsGroups()
    {
        var raw = new RawDictionary(Features, Dim, Dim, 1, Unit);
        using var folder = ForeignFolder.DictionaryLearning(raw, "MatryoshkaBatchTopKSAE").WriteDictionaryLearning();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        Assert.Equal([7, 27, Features], Orchestrator.Numerics.Dictionaries.Architectures.MatryoshkaArchitecture.GroupEnds(dictionary.Definition));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Sparsify_ComputesTheSame(bool transcode, bool skip)
    {
        var raw = new RawDictionary(Features, Dim, Dim, 1, Uneven);   // transcoders' decoders are not normalised there
        using var folder = ForeignFolder.Sparsify(raw, transcode, skip).WriteSparsify();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load("in", transcode ? "out" : null);
        Computed.Of(dictionary).RequireClose(x =>
        {
            var z = raw.Dots(x, hasPreBias: !transcode);
            var (f, y) = Plain(raw, RawDictionary.Largest([.. z.Select((value, feature) => value + raw.EncoderBias[feature])], K));
            return (f, skip ? raw.WithSkip(y, x) : y);
        });
    }

    [Fact]
    public void Weights_OfOtherTypes_AreRead()
    {
        var raw = new RawDictionary(Features, Dim, Dim, 1, Unit);
        using var folder = ForeignFolder.SaeLens(raw, "standard");
        var (shape, elements) = folder.Tensors["W_enc"];
        folder.Set("W_enc", shape, Array.ConvertAll((float[])elements, value => (double)value));
        folder.WriteSaeLens();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        Computed.Of(dictionary).RequireClose(x => Plain(raw, Activate(raw, "standard", raw.Dots(x, hasPreBias: true))));
    }

    [Fact]
    public void SavedImport_IsLoadedAsItIs()
    {
        var raw = new RawDictionary(Features, Dim, Dim, 1, Uneven);
        using var folder = ForeignFolder.SaeLens(raw, "topk").WriteSaeLens();
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        using var saved = new TemporaryFolder();
        dictionary.Save(saved.Path);
        using var loaded = SparseDictionary.Load(saved.Path);
        Assert.False(loaded.HasUnitRows);
        Assert.Equal(dictionary.ImportedFrom, loaded.ImportedFrom);
        Assert.Equal(SparseDictionary.UnknownLoss, loaded.LossConvention);
        Assert.Null(loaded.Definition.L1Coefficient);
        Assert.Equal(dictionary.Definition, loaded.Definition);
        Assert.Equal(Computed.Of(dictionary).Reconstructions, Computed.Of(loaded).Reconstructions);
    }

    /// <summary>x = (0.3, 0.3), all weights 1, gate biases (−2, 0, 1), r_mag (1, 2, 3), b_mag 1: each output is 18.4848.</summary>
    [Fact]
    public void Gated_HasTheReferenceValues()
    {
        using var folder = Ones("gated", ("b_gate", [-2, 0, 1]), ("r_mag", [1, 2, 3]), ("b_mag", [1, 1, 1]));
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        using var x = TorchSharp.torch.tensor(new[] { 0.3f, 0.3f }, 1, 2);
        var computed = Computed.Of(dictionary, x);
        Assert.Equal([0, 5.4334, 13.0513], computed.Activations.Select(value => Math.Round(value / Math.Sqrt(2), 4)));
        Assert.All(computed.Reconstructions, value => Assert.Equal(18.4848, value, 1e-4));
    }

    /// <summary>The same weights with thresholds (1, 0.5, 0.25): each output is 1.2.</summary>
    [Fact]
    public void JumpRelu_HasTheReferenceValues()
    {
        using var folder = Ones("jumprelu", ("b_enc", [0, 0, 0]), ("threshold", [1, 0.5f, 0.25f]));
        using var dictionary = ForeignDictionary.Open(folder.Root).Load(HookPoint);
        using var x = TorchSharp.torch.tensor(new[] { 0.3f, 0.3f }, 1, 2);
        var computed = Computed.Of(dictionary, x);
        Assert.Equal([0, 0.6, 0.6], computed.Activations.Select(value => Math.Round(value / Math.Sqrt(2), 6)));
        Assert.All(computed.Reconstructions, value => Assert.Equal(1.2, value, 1e-6));
    }

    private static ForeignFolder Ones(string architecture, params (string Name, float[] Values)[] vectors)
    {
        var folder = ForeignFolder.SaeLens(new RawDictionary(3, 2, 2, 1, Unit), architecture);
        folder.Set("W_enc", [2, 3], new float[] { 1, 1, 1, 1, 1, 1 });
        folder.Set("W_dec", [3, 2], new float[] { 1, 1, 1, 1, 1, 1 });
        folder.Set("b_dec", [2], new float[] { 0, 0 });
        foreach (var (name, values) in vectors) folder.Set(name, [3], values);
        return folder.WriteSaeLens();
    }

    private static double[] Biased(RawDictionary raw, float[] x) =>
        [.. raw.Dots(x, hasPreBias: true).Select((value, feature) => value + raw.EncoderBias[feature])];

    private static double[] Activate(RawDictionary raw, string activation, double[] z) => activation switch
    {
        "standard" => [.. z.Select((value, i) => Math.Max(0, value + raw.EncoderBias[i]))],
        "topk" => RawDictionary.Largest([.. z.Select((value, i) => value + raw.EncoderBias[i])], K),
        "jumprelu" => [.. z.Select((value, i) => value + raw.EncoderBias[i] > raw.Thresholds[i] ? value + raw.EncoderBias[i] : 0)],
        "gated" => [.. z.Select((value, i) => value + raw.GateBias[i] > 0 ? Math.Max(0, (value * Math.Exp(raw.LogScale[i])) + raw.MagnitudeBias[i]) : 0)],
        _ => throw new ArgumentException(activation),
    };

    private static (double[] F, double[] Y) Plain(RawDictionary raw, double[] f) => (f, raw.Decode(f));

    /// <summary>The tool's activations times the norms of the rows that are not 0; its reconstruction.</summary>
    private static (double[] F, double[] Y) Folded(RawDictionary raw, double[] f) =>
        ([.. f.Select((value, feature) => raw.RowNorm(feature) is > 0 and var norm ? value * norm : value)], raw.Decode(f));
}
