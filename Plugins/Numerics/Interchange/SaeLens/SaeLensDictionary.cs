using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Interchange.Weights;

namespace Orchestrator.Numerics.Interchange.SaeLens;

/// <summary>
/// A folder of SAELens: <c>cfg.json</c> of version 6 or of the flat layout before it, and <c>sae_weights.safetensors</c>.
/// </summary>
internal sealed class SaeLensDictionary : ForeignDictionary
{
    public static ForeignFormat Format { get; } = new("SAELens", [SaeLensNames.ConfigFile, SaeLensNames.WeightsFile], Open);

    internal required SaeLensConfig Config { get; init; }

    private static new SaeLensDictionary Open(string folder)
    {
        var path = Path.Combine(folder, SaeLensNames.ConfigFile);
        var config = SaeLensConfig.Read(path);
        if (config.K > config.FeatureCount)
            throw new InvalidDataException($"{path}: 'k' is {config.K}, more than the {config.FeatureCount} features of 'd_sae'.");
        return new SaeLensDictionary
        {
            Folder = folder,
            Config = config,
            Kind = $"SAELens {config.Architecture}",
            Remarks = config.Remarks,
            HookPoint = config.HookName,
            TargetHookPoint = SaeLensNames.HasTarget(config.Architecture) ? config.TargetHookName : null,
            ActivationDim = config.InputDim,
            OutputDim = config.OutputDim,
            Definition = DefinitionOf(config),
        };
    }

    internal override ForeignWeights Read()
    {
        using var file = new SafetensorsWeights(Path.Combine(Folder, SaeLensNames.WeightsFile));
        var (input, features, output) = (Config.InputDim, Config.FeatureCount, Config.OutputDim);
        var weights = new ForeignWeights(
            file.Path,
            new("W_enc", file.Matrix("W_enc", input, features, "[d_in, d_sae]").t()),                            // [F, D]
            new("W_dec", file.Matrix("W_dec", features, output, $"[d_sae, {OutputName}]")),                      // [F, D_out]
            file.Vector("b_dec", output, $"[{OutputName}]"),
            VectorNames(Config.Architecture).ToDictionary(name => name, name => file.Vector(name, features, "[d_sae]")))
        {
            Skip = Config.Architecture == SaeLensNames.SkipTranscoder ? file.Matrix("W_skip", output, input, "[d_out, d_in]") : null,
            RescalesByNorms = Config.RescalesByNorms,
        };
        RequireNoFinetuning(file, features);
        file.RequireNothingElse($"a dictionary of architecture '{Config.Architecture}'");
        if (Config.IsScaled) FoldScale(weights, ReadScale());
        return weights;
    }

    private string OutputName => HasTarget ? "d_out" : "d_in";

    private static DictionaryDefinition DefinitionOf(SaeLensConfig config)
    {
        var definition = Untrained(
            config.Architecture switch
            {
                SaeLensNames.Standard => DictionaryArchitecture.Standard,
                SaeLensNames.TopK => DictionaryArchitecture.TopK,
                SaeLensNames.JumpRelu => DictionaryArchitecture.JumpRelu,
                SaeLensNames.Gated => DictionaryArchitecture.Gated,
                _ => DictionaryArchitecture.Transcoder,
            },
            config.FeatureCount);
        return definition with
        {
            K = config.K,
            PreBias = config.HasPreBias || SaeLensNames.HasTarget(config.Architecture) ? null : false,
            Skip = config.Architecture == SaeLensNames.SkipTranscoder ? true : null,
            HasThresholds = config.Architecture == SaeLensNames.JumpReluTranscoder ? true : null,
        };
    }

    private static string[] VectorNames(string architecture) =>
        architecture == SaeLensNames.Gated ? ["b_gate", "b_mag", "r_mag"]
        : SaeLensNames.HasThresholds(architecture) ? ["b_enc", "threshold"]
        : ["b_enc"];

    /// <summary>Some versions wrote factors of a fine-tuning along, all of them 1 where there had been none.</summary>
    private static void RequireNoFinetuning(WeightFile file, int features)
    {
        const string Name = "scaling_factor";
        if (!file.Has(Name)) return;
        using var factors = file.Vector(Name, features, "[d_sae]");
        if ((factors - 1).abs().max().item<float>() > DecoderRows.Tolerance)
            throw file.Wrong(Name, "holds factors of a fine-tuning that are not 1; they are not held here");
    }

    private double ReadScale()
    {
        var path = Path.Combine(Folder, SaeLensNames.ScalerFile);
        if (!File.Exists(path))
        {
            throw new InvalidDataException(
                $"{Path.Combine(Folder, SaeLensNames.ConfigFile)}: 'normalize_activations' is 'expected_average_only_in', and {SaeLensNames.ScalerFile}, which holds the factor, is not beside it: the scale of its inputs is not known.");
        }

        var config = ForeignConfig.Read(path);
        var scale = config.Number("scaling_factor") ?? throw config.Refused("scaling_factor", "is missing, expected a number above 0");
        return scale > 0 ? scale : throw config.Refused("scaling_factor", FormattableString.Invariant($"is {scale}, expected a number above 0"));
    }

    /// <summary>(s x − b_dec) W_enc = (x − b_dec / s) (s W_enc), and the output is divided by s.</summary>
    private static void FoldScale(ForeignWeights weights, double scale)
    {
        weights.Encoder.Value.mul_(scale);
        weights.Decoder.Value.div_(scale);
        weights.DecoderBias.div_(scale);
    }
}
