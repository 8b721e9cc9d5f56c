using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Interchange.Weights;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Interchange.DictionaryLearning;

/// <summary>
/// A folder of a trainer of dictionary_learning: <c>ae.pt</c>, the state of its module, and <c>config.json</c>. Weights of
/// linear layers lie as PyTorch keeps them, [out, in].
/// </summary>
internal sealed class DictionaryLearningDictionary : ForeignDictionary
{
    private const string ConfigFile = "config.json";
    private const string WeightsFile = "ae.pt";

    private const string Standard = "AutoEncoder";
    private const string WithoutPreBias = "AutoEncoderNew";
    private const string TopK = "AutoEncoderTopK";
    private const string BatchTopK = "BatchTopKSAE";
    private const string Gated = "GatedAutoEncoder";
    private const string JumpRelu = "JumpReluAutoEncoder";
    private const string Matryoshka = "MatryoshkaBatchTopKSAE";

    /// <summary>What a threshold is before it was ever measured.</summary>
    private const double UnsetThreshold = -1;

    private static readonly string[] Readable = [Standard, WithoutPreBias, TopK, BatchTopK, Gated, JumpRelu, Matryoshka];

    public static ForeignFormat Format { get; } = new("dictionary_learning", [ConfigFile, WeightsFile], Open);

    internal required string Class { get; init; }

    private static new DictionaryLearningDictionary Open(string folder)
    {
        var trainer = ForeignConfig.Read(Path.Combine(folder, ConfigFile)).RequireSection("trainer");
        var kind = trainer.RequireText("dict_class");
        if (!Readable.Contains(kind)) throw trainer.Refused("dict_class", $"is '{kind}'; read are {string.Join(", ", Readable)}");
        var (dim, features) = (trainer.RequireCount("activation_dim"), trainer.RequireCount("dict_size"));
        using var file = new TorchWeights(Path.Combine(folder, WeightsFile));
        return new DictionaryLearningDictionary
        {
            Folder = folder,
            Class = kind,
            Kind = $"dictionary_learning {kind}",
            Remarks = Describe(trainer),
            HookPoint = trainer.Text("submodule_name"),
            TargetHookPoint = null,
            ActivationDim = dim,
            OutputDim = dim,
            Definition = DefinitionOf(kind, features, trainer, file),
        };
    }

    internal override ForeignWeights Read()
    {
        using var file = new TorchWeights(Path.Combine(Folder, WeightsFile));
        var weights = Class is JumpRelu or Matryoshka ? ReadMatrices(file) : ReadLinear(file);
        if (Class == Matryoshka) file.Integers("group_sizes");
        if (Definition.K is not null)
        {
            file.Number("k");   // read when it was opened
            var threshold = ReadThreshold(file);
            if (Class != TopK) weights = weights with { Threshold = threshold };   // where k alone selects it is kept for other uses
        }

        file.RequireNothingElse($"a {Class}");
        return weights;
    }

    private static DictionaryDefinition DefinitionOf(string kind, int features, ForeignConfig trainer, TorchWeights file)
    {
        var k = kind is TopK or BatchTopK or Matryoshka ? ReadK(features, trainer, file) : (int?)null;
        var definition = Untrained(
            kind switch
            {
                TopK => DictionaryArchitecture.TopK,
                BatchTopK => DictionaryArchitecture.BatchTopK,
                Gated => DictionaryArchitecture.Gated,
                JumpRelu => DictionaryArchitecture.JumpRelu,
                Matryoshka => DictionaryArchitecture.Matryoshka,
                _ => DictionaryArchitecture.Standard,
            },
            features);
        return definition with
        {
            K = k,
            PreBias = kind is JumpRelu or WithoutPreBias ? false : null,
            GroupFractions = kind == Matryoshka ? GroupsOf(features, file) : null,
        };
    }

    /// <summary>The module's own k decides; the trainer's must not contradict it.</summary>
    private static int ReadK(int features, ForeignConfig trainer, TorchWeights file)
    {
        var k = file.Number("k");
        if (k < 1 || k > features || k != Math.Floor(k))
            throw file.Wrong("k", FormattableString.Invariant($"is {k}, expected a whole number from 1 to {features}, the number of features"));
        if (trainer.Count("k") is { } stated && stated != k)
            throw trainer.Refused("k", FormattableString.Invariant($"is {stated}, in {WeightsFile} it is {k}"));
        return (int)k;
    }

    private static double ReadThreshold(TorchWeights file)
    {
        if (!file.Has("threshold")) return 0;   // versions before it was kept
        var threshold = file.Number("threshold");
        if (threshold == UnsetThreshold) return 0;
        return threshold >= 0 ? threshold : throw file.Wrong("threshold", FormattableString.Invariant($"is {threshold}, expected at least 0, or −1 where it was never set"));
    }

    /// <summary>Shares of the features that end where the groups end.</summary>
    private static IReadOnlyList<double> GroupsOf(int features, TorchWeights file)
    {
        var sizes = file.Integers("group_sizes");
        if (sizes.Length == 0 || sizes.Any(size => size < 1) || sizes.Sum() != features)
            throw file.Wrong("group_sizes", $"is [{string.Join(", ", sizes)}], expected sizes above 0 whose sum is {features}");
        var ends = new double[sizes.Length];
        var end = 0L;
        for (var group = 0; group < sizes.Length; group++)
        {
            end += sizes[group];
            ends[group] = (double)end / features;
            // A group ends at its share of the features, rounded up: the share must not be a rounding above the end.
            if (Math.Ceiling(ends[group] * features) > end) ends[group] = Math.BitDecrement(ends[group]);
        }

        return ends;
    }

    /// <summary>Modules with linear layers.</summary>
    private ForeignWeights ReadLinear(TorchWeights file)
    {
        var (dim, features) = (ActivationDim, Definition.FeatureCount);
        Dictionary<string, Tensor> vectors = Class == Gated
            ? new()
            {
                ["b_gate"] = file.Vector("gate_bias", features, "[dict_size]"),
                ["b_mag"] = file.Vector("mag_bias", features, "[dict_size]"),
                ["r_mag"] = file.Vector("r_mag", features, "[dict_size]"),
            }
            : new() { ["b_enc"] = file.Vector("encoder.bias", features, "[dict_size]") };
        var decoderBias = Class switch
        {
            Standard => "bias",
            WithoutPreBias => "decoder.bias",
            Gated => "decoder_bias",
            _ => "b_dec",
        };
        return new ForeignWeights(
            file.Path,
            new("encoder.weight", file.Matrix("encoder.weight", features, dim, "[dict_size, activation_dim]")),
            new("decoder.weight", file.Matrix("decoder.weight", dim, features, "[activation_dim, dict_size]").t()),
            file.Vector(decoderBias, dim, "[activation_dim]"),
            vectors);
    }

    /// <summary>Modules whose matrices are named and lie as SAELens' do.</summary>
    private ForeignWeights ReadMatrices(TorchWeights file)
    {
        var (dim, features) = (ActivationDim, Definition.FeatureCount);
        string[] vectors = Class == JumpRelu ? ["b_enc", "threshold"] : ["b_enc"];
        return new ForeignWeights(
            file.Path,
            new("W_enc", file.Matrix("W_enc", dim, features, "[activation_dim, dict_size]").t()),
            new("W_dec", file.Matrix("W_dec", features, dim, "[dict_size, activation_dim]")),
            file.Vector("b_dec", dim, "[activation_dim]"),
            vectors.ToDictionary(name => name, name => file.Vector(name, features, "[dict_size]")));
    }

    private static string Describe(ForeignConfig trainer)
    {
        var parts = new[]
        {
            trainer.Text("trainer_class") is { } trained ? $"trained by {trained}" : null,
            trainer.Text("lm_name") is { } model ? $"model {model}" : null,
            trainer.Text("submodule_name") is { } submodule ? $"at {submodule}" : null,
        };
        return string.Join(", ", parts.OfType<string>());
    }
}
