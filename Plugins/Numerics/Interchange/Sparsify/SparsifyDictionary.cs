using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Interchange.Weights;

namespace Orchestrator.Numerics.Interchange.Sparsify;

/// <summary>
/// A hook point's folder of sparsify: <c>cfg.json</c> and <c>sae.safetensors</c>. The encoder's weight is a linear layer's;
/// the decoder's lies feature-major too. A transcoder is as wide where it writes as where it reads.
/// </summary>
internal sealed class SparsifyDictionary : ForeignDictionary
{
    private const string ConfigFile = "cfg.json";
    private const string WeightsFile = "sae.safetensors";

    public static ForeignFormat Format { get; } = new("sparsify", [ConfigFile, WeightsFile], Open);

    private static new SparsifyDictionary Open(string folder)
    {
        var config = ForeignConfig.Read(Path.Combine(folder, ConfigFile));
        var dim = config.RequireCount("d_in");
        var features = FeatureCountOf(config, dim);
        var isTranscoder = config.Flag("transcode") ?? false;
        var hasSkip = config.Flag("skip_connection") ?? false;
        var activation = config.Text("activation") ?? "topk";
        if (activation != "topk") throw config.Refused("activation", $"is '{activation}'; read is 'topk'");
        if (config.Flag("signed") is true) throw config.Refused("signed", "is true: activations below 0 are not held here");
        if (hasSkip && !isTranscoder) throw config.Refused("skip_connection", "is true of a dictionary that is no transcoder ('transcode' is not true); only transcoders have a skip here");
        var k = config.RequireCount("k");
        if (k > features) throw config.Refused("k", $"is {k}, more than the {features} features");
        return new SparsifyDictionary
        {
            Folder = folder,
            Kind = isTranscoder ? $"sparsify {(hasSkip ? "skip " : "")}transcoder" : "sparsify topk",
            Remarks = "",
            HookPoint = Path.GetFileName(Path.GetFullPath(folder)),
            TargetHookPoint = null,
            ActivationDim = dim,
            OutputDim = dim,
            Definition = Untrained(isTranscoder ? DictionaryArchitecture.Transcoder : DictionaryArchitecture.TopK, features) with
            {
                K = k,
                Skip = isTranscoder ? hasSkip : null,
            },
        };
    }

    internal override ForeignWeights Read()
    {
        using var file = new SafetensorsWeights(Path.Combine(Folder, WeightsFile));
        var (dim, features) = (ActivationDim, Definition.FeatureCount);
        var weights = new ForeignWeights(
            file.Path,
            new("encoder.weight", file.Matrix("encoder.weight", features, dim, "[num_latents, d_in]")),
            new("W_dec", file.Matrix("W_dec", features, dim, "[num_latents, d_in]")),
            file.Vector("b_dec", dim, "[d_in]"),
            new Dictionary<string, TorchSharp.torch.Tensor> { ["b_enc"] = file.Vector("encoder.bias", features, "[num_latents]") })
        {
            Skip = Definition.Skip is true ? file.Matrix("W_skip", dim, dim, "[d_in, d_in]") : null,
        };
        file.RequireNothingElse($"a {Kind}");
        return weights;
    }

    /// <summary>Either stated, or a multiple of the width.</summary>
    private static int FeatureCountOf(ForeignConfig config, int dim)
    {
        if (config.Number("num_latents") is > 0) return config.RequireCount("num_latents");
        var features = (long)dim * config.RequireCount("expansion_factor");
        return features <= int.MaxValue ? (int)features : throw config.Refused("expansion_factor", $"makes {features} features of {dim}, more than are held here");
    }
}
