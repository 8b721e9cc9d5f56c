using System.Text.Json;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Formats;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Interchange.SaeLens;

/// <summary>
/// Writes a dictionary as SAELens saves one for inference: <c>cfg.json</c>, <c>sae_weights.safetensors</c> and, where
/// densities are known, <c>sparsity.safetensors</c>. Nothing has to be folded: rows are of unit norm, or they are ranked as
/// they are. Dictionaries with one threshold for all features go, as SAELens' own do, as <c>jumprelu</c>.
/// </summary>
public static class SaeLensExport
{
    /// <summary>What messages and options call the format.</summary>
    public const string FormatName = "saelens";

    /// <summary>The layout that is written; readers take anything without such a version for the flat one before.</summary>
    private const string LayoutVersion = "6.0.0";

    /// <summary>Added to densities before the logarithm, so that a dead feature has −10.</summary>
    private const double DensityFloor = 1e-10;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <param name="dictionary">What is written.</param>
    /// <param name="facts">What is known beside the weights.</param>
    /// <param name="folder">Created if missing; files of these names are replaced.</param>
    /// <exception cref="InvalidDataException">SAELens has no architecture that computes the same; the message says so.</exception>
    /// <exception cref="ArgumentException">There are densities of another number of features.</exception>
    public static void Write(SparseDictionary dictionary, DictionaryFacts facts, string folder)
    {
        if (facts.Densities is { } densities && densities.Count != dictionary.FeatureCount)
            throw new ArgumentException($"Expected densities of {dictionary.FeatureCount} features, found {densities.Count}.", nameof(facts));
        var architecture = ArchitectureOf(dictionary);
        Directory.CreateDirectory(folder);
        WriteWeights(dictionary, architecture, Path.Combine(folder, SaeLensNames.WeightsFile));
        File.WriteAllText(Path.Combine(folder, SaeLensNames.ConfigFile), JsonSerializer.Serialize(Config(dictionary, architecture, facts), Json));
        if (facts.Densities is not null) WriteSparsity(facts.Densities, Path.Combine(folder, SaeLensNames.SparsityFile));
    }

    private static string ArchitectureOf(SparseDictionary dictionary)
    {
        var definition = dictionary.Definition;
        return definition.Architecture switch
        {
            DictionaryArchitecture.Standard => SaeLensNames.Standard,
            DictionaryArchitecture.TopK => SaeLensNames.TopK,
            DictionaryArchitecture.Gated => SaeLensNames.Gated,
            DictionaryArchitecture.JumpRelu or DictionaryArchitecture.BatchTopK or DictionaryArchitecture.Matryoshka => SaeLensNames.JumpRelu,
            DictionaryArchitecture.Transcoder when definition.K is not null => throw new InvalidDataException(
                "SAELens has no transcoder by k: its transcoders are of ReLU or of thresholds, and its topk reconstructs what it reads."),
            DictionaryArchitecture.Transcoder when definition.HasThresholds is true => definition.Skip is true
                ? throw new InvalidDataException("SAELens has no transcoder with both thresholds and a skip.")
                : SaeLensNames.JumpReluTranscoder,
            DictionaryArchitecture.Transcoder => definition.Skip is true ? SaeLensNames.SkipTranscoder : SaeLensNames.Transcoder,
            _ => throw new InvalidDataException($"SAELens has nothing for a dictionary of architecture '{definition.Architecture}'."),
        };
    }

    private static void WriteWeights(SparseDictionary dictionary, string architecture, string path)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var writer = new SafetensorsWriter { Metadata = { ["format"] = "pt" } };
        writer.Add("W_enc", dictionary.EncoderWeight.t());   // [d_in, d_sae]
        writer.Add("W_dec", dictionary.DecoderWeight);       // [d_sae, d_out]
        writer.Add("b_dec", dictionary.DecoderBias);         // [d_out]
        foreach (var name in dictionary.VectorNames) writer.Add(name, dictionary.Vector(name));   // [d_sae]
        if (dictionary.SkipWeight is { } skip) writer.Add("W_skip", skip);                        // [d_out, d_in]
        if (dictionary.Architecture.HasThreshold) writer.Add("threshold", full(dictionary.FeatureCount, dictionary.Threshold, ScalarType.Float32));
        writer.Write(path);
    }

    private static Dictionary<string, object?> Config(SparseDictionary dictionary, string architecture, DictionaryFacts facts)
    {
        var config = new Dictionary<string, object?>
        {
            ["d_in"] = dictionary.ActivationDim,
            ["d_sae"] = dictionary.FeatureCount,
            ["dtype"] = "float32",
            ["device"] = "cpu",
            ["apply_b_dec_to_input"] = dictionary.HasPreBias,
            ["normalize_activations"] = "none",
            ["reshape_activations"] = "none",
            ["metadata"] = Metadata(dictionary, facts),
        };
        if (architecture == SaeLensNames.TopK) (config["k"], config["rescale_acts_by_decoder_norm"]) = (dictionary.Definition.K, false);
        if (SaeLensNames.HasTarget(architecture)) config["d_out"] = dictionary.OutputDim;
        config["architecture"] = architecture;
        return config;
    }

    /// <summary>What is not known is not there, but for the version that trained it: its absence would mean the reader's own.</summary>
    private static Dictionary<string, object?> Metadata(SparseDictionary dictionary, DictionaryFacts facts)
    {
        var metadata = new Dictionary<string, object?>
        {
            ["sae_lens_version"] = LayoutVersion,
            ["sae_lens_training_version"] = null,
            ["hook_name"] = dictionary.HookPoint,
            ["hook_head_index"] = null,
        };
        AddKnown(metadata, "hook_name_out", dictionary.Site.TargetHookPoint);
        AddKnown(metadata, "model_name", facts.ModelName);
        AddKnown(metadata, "context_size", facts.ContextLength);
        AddKnown(metadata, "prepend_bos", facts.PrependsBeginning);
        if (dictionary.ImportedFrom is null) metadata["training_architecture"] = TrainingName(dictionary.Definition.Architecture);
        AddKnown(metadata, "l0", facts.L0);
        AddKnown(metadata, "num_dead_features", facts.DeadFeatures);
        return metadata;
    }

    private static string TrainingName(string architecture) => architecture switch
    {
        DictionaryArchitecture.TopK => SaeLensNames.TopK,
        DictionaryArchitecture.BatchTopK => SaeLensNames.BatchTopK,
        DictionaryArchitecture.Matryoshka => SaeLensNames.Matryoshka,
        DictionaryArchitecture.JumpRelu => SaeLensNames.JumpRelu,
        _ => architecture,
    };

    private static void AddKnown(Dictionary<string, object?> metadata, string key, object? value)
    {
        if (value is not null) metadata[key] = value;
    }

    private static void WriteSparsity(IReadOnlyList<double> densities, string path)
    {
        var writer = new SafetensorsWriter { Metadata = { ["format"] = "pt" } };
        writer.Add("sparsity", densities.Select(density => (float)Math.Log10(density + DensityFloor)).ToArray(), densities.Count);
        writer.Write(path);
    }
}
