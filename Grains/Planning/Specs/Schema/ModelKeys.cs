using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Keys of <c>model</c> and <c>model.training</c>.</summary>
internal static class ModelKeys
{
    private static readonly TransformerDefinition Defaults = new();

    public static IntegerKey ModelDim { get; } = new("d_model", "Width of the residual stream (paper: 128).", 1, 16_384) { Default = Defaults.ModelDim };

    public static IntegerKey MlpDim { get; } = new("d_mlp", "Neurons of the MLP (paper: 512).", 1, 65_536) { Default = Defaults.MlpDim };

    public static IntegerKey Heads { get; } = new("heads", "Attention heads; divides d_model.", 1, 256) { Default = Defaults.Heads };

    public static IntegerKey Layers { get; } = new("layers", "Blocks of attention and MLP (paper: 1).", 1, 64) { Default = Defaults.Layers };

    public static IntegerKey Context { get; } = new("context", "Tokens of a context.", 2, 8_192) { Default = Defaults.ContextLength };

    public static TextKey Activation { get; } = new("activation", "Non-linearity of the MLP: `relu` (the paper's), `gelu` (exact), or `gelu-tanh` (GPT-2's approximation of it).") { Values = TransformerDefinition.Activations, Default = Defaults.Activation };

    public static TextKey Normalisation { get; } = new("normalisation", "In front of attention, MLP and unembedding: `layer-norm` (gain and bias), or `rms-norm` (not centred, gain only).") { Values = TransformerDefinition.Normalisations, Default = Defaults.Normalisation };

    public static NumberKey NormEpsilon { get; } = new("norm_epsilon", "Added to the variance, or to the mean square, before its root is taken.", 0, 1) { AboveMinimum = true, Default = Defaults.NormEpsilon };

    public static ListKey<long> Seeds { get; } = new(new IntegerKey("seeds", "A model is trained from each; its stream of activations has a seed derived from it.", 0, 1L << 53), 64)
    { Default = [1] };

    public static BooleanKey RandomTwin { get; } = new("random_twin", "Also a twin of the first seed's model with the entries of each weight matrix shuffled: the null of every dictionary.") { Default = false };

    public static SectionKey Training { get; } = new("training", "How each model is trained: AdamW, linear warm-up, cosine decay to a tenth.",
        TrainingKeys.Tokens, TrainingKeys.BatchContexts, TrainingKeys.LearningRate, TrainingKeys.WarmupSteps,
        TrainingKeys.WeightDecay, TrainingKeys.ClipNorm, TrainingKeys.ValidationTokens, TrainingKeys.CheckpointEvery);
}

/// <inheritdoc cref="ModelKeys"/>
internal static class TrainingKeys
{
    private static readonly TransformerTrainingDefinition Defaults = new();

    public static IntegerKey Tokens { get; } = new("tokens", "Tokens seen in training; a shorter corpus is read again.", 1, 1_000_000_000_000) { Default = Defaults.Tokens };

    public static IntegerKey BatchContexts { get; } = new("batch_contexts", "Contexts of a batch.", 1, 65_536) { Default = Defaults.BatchContexts };

    public static NumberKey LearningRate { get; } = new("learning_rate", "Peak learning rate.", 0, 1) { AboveMinimum = true, Default = Defaults.LearningRate };

    public static IntegerKey WarmupSteps { get; } = new("warmup_steps", "Steps of linear warm-up.", 0, SpecSchema.MaxCount) { Default = Defaults.WarmupSteps };

    public static NumberKey WeightDecay { get; } = new("weight_decay", "AdamW's weight decay.", 0, 1) { Default = Defaults.WeightDecay };

    public static NumberKey ClipNorm { get; } = new("clip_norm", "Gradients are scaled down to this global L2 norm.", 0, 1e6) { AboveMinimum = true, Default = Defaults.ClipNorm };

    public static IntegerKey ValidationTokens { get; } = new("validation_tokens", "Validation tokens on which the loss and the bigram's are measured.", 1, 1_000_000_000_000) { Default = Defaults.ValidationTokens };

    public static IntegerKey CheckpointEvery { get; } = new("checkpoint_every", "Steps between checkpoints.", 1, SpecSchema.MaxCount) { Default = Defaults.CheckpointEvery };
}
