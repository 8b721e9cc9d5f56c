namespace Orchestrator.Numerics.Interchange.SaeLens;

/// <summary>What SAELens calls things in its files.</summary>
internal static class SaeLensNames
{
    public const string ConfigFile = "cfg.json";
    public const string WeightsFile = "sae_weights.safetensors";
    public const string SparsityFile = "sparsity.safetensors";
    public const string ScalerFile = "activation_scaler.json";

    public const string Standard = "standard";
    public const string TopK = "topk";
    public const string JumpRelu = "jumprelu";
    public const string Gated = "gated";
    public const string Transcoder = "transcoder";
    public const string SkipTranscoder = "skip_transcoder";
    public const string JumpReluTranscoder = "jumprelu_transcoder";

    /// <summary>Only while they train; what is saved of them for inference is a <see cref="JumpRelu"/>.</summary>
    public const string BatchTopK = "batchtopk";

    /// <inheritdoc cref="BatchTopK"/>
    public const string Matryoshka = "matryoshka_batchtopk";

    /// <summary>The architectures whose files are read.</summary>
    public static IReadOnlyList<string> Readable { get; } = [Standard, TopK, JumpRelu, Gated, Transcoder, SkipTranscoder, JumpReluTranscoder];

    public static bool HasTarget(string architecture) => architecture is Transcoder or SkipTranscoder or JumpReluTranscoder;

    public static bool HasThresholds(string architecture) => architecture is JumpRelu or JumpReluTranscoder;
}
