using System.Text.Json.Serialization;

namespace Orchestrator.Abstractions.Stages;

/// <summary>
/// A transformer: causal attention and an MLP, each behind its normalisation, learned positions, untied embeddings. The
/// defaults are the paper's.
/// </summary>
public sealed record TransformerDefinition
{
    public const string Relu = "relu";
    public const string Gelu = "gelu";
    public const string GeluTanh = "gelu-tanh";
    public const string LayerNorm = "layer-norm";
    public const string RmsNorm = "rms-norm";

    private const double DefaultNormEpsilon = 1e-5;

    /// <summary>What <see cref="Activation"/> may be.</summary>
    public static IReadOnlyList<string> Activations { get; } = [Relu, Gelu, GeluTanh];

    /// <summary>What <see cref="Normalisation"/> may be.</summary>
    public static IReadOnlyList<string> Normalisations { get; } = [LayerNorm, RmsNorm];

    public int Layers { get; init; } = 1;

    /// <summary>Width of the residual stream (paper: 128).</summary>
    public int ModelDim { get; init; } = 128;

    /// <summary>Hidden width of the MLP (paper: 512).</summary>
    public int MlpDim { get; init; } = 512;

    /// <summary>Attention heads (not given in the paper).</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Tokens a context holds (not given in the paper).</summary>
    public int ContextLength { get; init; } = 128;

    /// <summary>
    /// <c>relu</c>, the paper's; <c>gelu</c>, x Φ(x) exactly; or <c>gelu-tanh</c>, GPT-2's approximation of it by a tanh.
    /// </summary>
    public string Activation { get; init; } = Relu;

    /// <summary>
    /// <c>layer-norm</c>: centred, scaled to unit variance, gain and bias; or <c>rms-norm</c>: scaled to a root mean square
    /// of 1, gain only.
    /// </summary>
    [JsonIgnore]
    public string Normalisation { get; init; } = LayerNorm;

    /// <summary>What is added to the variance, or to the mean square, before its root is taken.</summary>
    [JsonIgnore]
    public double NormEpsilon { get; init; } = DefaultNormEpsilon;

    // Options that came later stand in the JSON, and so in a model's address, only where they are not the default: what
    // was computed before them keeps its address.
    [JsonInclude, JsonPropertyName("normalisation")]
    private string? WrittenNormalisation
    {
        get => Normalisation == LayerNorm ? null : Normalisation;
        init => Normalisation = value ?? LayerNorm;
    }

    [JsonInclude, JsonPropertyName("norm_epsilon")]
    private double? WrittenNormEpsilon
    {
        get => NormEpsilon == DefaultNormEpsilon ? null : NormEpsilon;
        init => NormEpsilon = value ?? DefaultNormEpsilon;
    }
}

/// <summary>How a transformer is trained: AdamW with linear warm-up and cosine decay to a tenth.</summary>
public sealed record TransformerTrainingDefinition
{
    /// <summary>Tokens seen in training; the stream starts again from its beginning where the corpus is shorter.</summary>
    public long Tokens { get; init; } = 1_000_000;

    /// <summary>Contexts in a batch.</summary>
    public int BatchContexts { get; init; } = 8;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 4e-3;

    /// <summary>Steps of linear warm-up.</summary>
    public int WarmupSteps { get; init; } = 80;

    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Gradients are scaled down to this global L2 norm.</summary>
    public double ClipNorm { get; init; } = 1.0;

    /// <summary>Tokens of the validation split on which the loss (and the bigram's) is measured.</summary>
    public long ValidationTokens { get; init; } = 100_000;

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 100;
}
