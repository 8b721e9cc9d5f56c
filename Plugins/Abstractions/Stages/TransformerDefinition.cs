namespace Orchestrator.Abstractions.Stages;

/// <summary>
/// The paper's transformer: attention and a ReLU MLP, pre-LayerNorm, learned positions, untied embeddings.
/// </summary>
public sealed record TransformerDefinition
{
    public int Layers { get; init; } = 1;

    /// <summary>Width of the residual stream (paper: 128).</summary>
    public int ModelDim { get; init; } = 128;

    /// <summary>Hidden width of the MLP (paper: 512).</summary>
    public int MlpDim { get; init; } = 512;

    /// <summary>Attention heads (not given in the paper).</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Tokens a context holds (not given in the paper).</summary>
    public int ContextLength { get; init; } = 128;

    /// <summary><c>relu</c>, the paper's.</summary>
    public string Activation { get; init; } = "relu";
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
