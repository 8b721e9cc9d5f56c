using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Keys of <c>dictionaries</c>, <c>dictionaries.resampling</c>, <c>harvest</c> and <c>evaluation</c>. Those that can be swept are lists.</summary>
internal static class DictionaryKeys
{
    private static readonly DictionaryDefinition Defaults = new() { FeatureCount = 1, Tokens = 1, Seed = 1 };

    public static TextKey Architecture { get; } = new("architecture", $"{string.Join("; ", DictionaryArchitecture.All.Select(architecture => $"`{architecture.Name}`: {architecture.Summary}"))}.")
    {
        Values = [.. DictionaryArchitecture.All.Select(architecture => architecture.Name)],
        Default = Defaults.Architecture,
    };

    public static ListKey<long> FeatureCount { get; } = Swept(new IntegerKey("feature_count", "Features. Required, but for a spec that only asks about imported dictionaries.", 1, 1 << 24));

    public static ListKey<double> L1Coefficient { get; } = Swept(new NumberKey("l1_coefficient", "λ against a mean squared error over vector elements.", 0, 1_000), DictionaryDefinition.DefaultL1Coefficient, With(ArchitectureOptions.L1Coefficient));

    public static ListKey<double> L0Coefficient { get; } = Swept(new NumberKey("l0_coefficient", "λ₀ against a mean squared error over vector elements.", 0, 1_000), DictionaryDefinition.DefaultL0Coefficient, With(ArchitectureOptions.L0Coefficient));

    public static ListKey<double> Bandwidth { get; } = Swept(new NumberKey("bandwidth", "Width of the kernel through which thresholds learn, in units of pre-activations.", 0, 1_000) { AboveMinimum = true },
        DictionaryDefinition.DefaultBandwidth, With(ArchitectureOptions.L0Coefficient));

    public static ListKey<long> K { get; } = Swept(new IntegerKey("k", "Active features per token. Default 32; a `transcoder` without it has l1_coefficient.", 1, 1 << 24), onlyFor: With(ArchitectureOptions.K));

    public static ListKey<double> GroupFractions { get; } = new(new NumberKey("group_fractions", "Shares of the features, ascending, at which the groups that reconstruct alone end; the last one is 1.", 0, 1) { AboveMinimum = true }, 64)
    {
        OnlyFor = With(ArchitectureOptions.Groups),
        Default = DictionaryDefinition.DefaultGroupFractions,
    };

    public static BooleanKey Skip { get; } = new("skip", "Whether a linear path leads around the features.")
    {
        OnlyFor = With(ArchitectureOptions.Skip),
        Default = false,
    };

    public static BooleanKey PreBias { get; } = new("pre_bias", "Whether b_dec is subtracted before the encoder (the paper's).")
    {
        OnlyFor = [.. DictionaryArchitecture.All.Select(architecture => architecture.Name).Where(name => name != DictionaryArchitecture.Transcoder)],
        Default = true,
    };

    public static TextKey Precision { get; } = new("precision", "Of the encoder's matrix product: `tf32` rounds to 10 bits of mantissa on NVIDIA GPUs, `bfloat16` to 7 bits everywhere. Errors that were measured: under `## GPUs` of the repository's README.")
    {
        Values = ["float32", "tf32", "bfloat16"],
        Default = "float32",
    };

    public static SectionKey AuxK { get; } = new("aux_k", "Dead features reconstruct what active ones leave (Gao et al. 2024). For architectures with k.",
        AuxKKeys.Coefficient, AuxKKeys.Features, AuxKKeys.DeadAfterTokens)
    {
        OnlyFor = With(ArchitectureOptions.AuxK),
    };

    public static ListKey<long> L1WarmupSteps { get; } = Swept(new IntegerKey("l1_warmup_steps", "Steps over which λ (or λ₀) rises from 0; 0: none (the paper's).", 0, SpecSchema.MaxCount),
        Defaults.L1WarmupSteps, [.. With(ArchitectureOptions.L1Coefficient), .. With(ArchitectureOptions.L0Coefficient)]);

    public static ListKey<long> Tokens { get; } = Swept(new IntegerKey("tokens", "Activation vectors seen in training; at least one batch. Required where feature_count is.", 1, 1_000_000_000_000));

    public static ListKey<long> BatchSize { get; } = Swept(new IntegerKey("batch_size", "Activation vectors of a batch (paper: 8,192). Those of one batch size share a stream.", 1, 1 << 24), Defaults.BatchSize);

    public static ListKey<double> LearningRate { get; } = Swept(new NumberKey("learning_rate", "Adam's learning rate.", 0, 1) { AboveMinimum = true }, Defaults.LearningRate);

    public static ListKey<long> WarmupSteps { get; } = Swept(new IntegerKey("warmup_steps", "Steps of linear warm-up of the learning rate.", 0, SpecSchema.MaxCount), Defaults.WarmupSteps);

    public static ListKey<double> DecayFraction { get; } = Swept(new NumberKey("decay_fraction", "Share of the steps, at the end, over which the learning rate falls to 0; 0: none (the paper's).", 0, 1), Defaults.DecayFraction);

    public static ListKey<long> Seed { get; } = Swept(new IntegerKey("seed", "Each dictionary's own seed is derived from this and its model's.", 0, 1L << 53), 1);

    public static IntegerKey CheckpointEvery { get; } = new("checkpoint_every", "Steps between checkpoints.", 1, SpecSchema.MaxCount) { Default = Defaults.CheckpointEvery };

    public static ListKey<long> RandomTwin { get; } = new(new IntegerKey("random_twin", "Those feature counts that are trained on the random twin too; not given: the largest of those that differ in size only, where the model has a twin.", 1, 1 << 24), 1_000) { MayBeEmpty = true };

    public static ListKey<string> Imported { get; } = new(new TextKey("imported", "Dictionaries of the store, by name (`import --as`) or id, that the analyses see too; their models must be this spec's."), 1_000);

    public static TextKey Name { get; } = new("name", "What labels call these dictionaries where a spec has several sections; not given: their architecture.") { MaxLength = 40 };

    public static SectionKey Resampling { get; } = new("resampling", "Re-seeding of dead features; where aux_k wakes them, there is none unless this section is given.",
        ResamplingKeys.EverySteps, ResamplingKeys.DeadAfterSteps, ResamplingKeys.Times, ResamplingKeys.Candidates, ResamplingKeys.EncoderScale);

    private static ListKey<long> Swept(IntegerKey element, long? value = null, IReadOnlyList<string>? onlyFor = null) =>
        new(element, SweepKeys.MaxPoints) { MayRepeat = true, Default = value is { } one ? [one] : null, OnlyFor = onlyFor };

    private static ListKey<double> Swept(NumberKey element, double? value = null, IReadOnlyList<string>? onlyFor = null) =>
        new(element, SweepKeys.MaxPoints) { MayRepeat = true, Default = value is { } one ? [one] : null, OnlyFor = onlyFor };

    private static IReadOnlyList<string> With(ArchitectureOptions option) =>
        [.. DictionaryArchitecture.All.Where(architecture => architecture.Has(option)).Select(architecture => architecture.Name)];
}

/// <inheritdoc cref="DictionaryKeys"/>
internal static class AuxKKeys
{
    private static readonly AuxKDefinition Defaults = new();

    public static NumberKey Coefficient { get; } = new("coefficient", "α of the auxiliary loss; 0: none.", 0, 1_000) { Default = Defaults.Coefficient };

    public static IntegerKey Features { get; } = new("features", "Dead features per token at most; not given: half the width of what is reconstructed.", 1, 1 << 24);

    public static IntegerKey DeadAfterTokens { get; } = new("dead_after_tokens", "A feature is dead when it fired on none of this many last activation vectors.", 1, 1_000_000_000_000) { Default = Defaults.DeadAfterTokens };
}

/// <inheritdoc cref="DictionaryKeys"/>
internal static class ResamplingKeys
{
    private static readonly ResamplingDefinition Defaults = new();

    public static IntegerKey EverySteps { get; } = new("every_steps", "Steps between resamplings (paper: 25,000); 0: never.", 0, SpecSchema.MaxCount) { Default = Defaults.EverySteps };

    public static IntegerKey DeadAfterSteps { get; } = new("dead_after_steps", "A feature is dead when it fired in none of this many last steps (paper: 12,500); at most every_steps.", 1, SpecSchema.MaxCount) { Default = Defaults.DeadAfterSteps };

    public static IntegerKey Times { get; } = new("times", "Resamplings in all (paper: 4).", 0, SpecSchema.MaxCount) { Default = Defaults.Times };

    public static IntegerKey Candidates { get; } = new("candidates", "Activation vectors among which new directions are drawn (paper: 819,200).", 1, SpecSchema.MaxCount) { Default = Defaults.Candidates };

    public static NumberKey EncoderScale { get; } = new("encoder_scale", "New encoder rows get this share of the mean norm of alive ones (paper: 0.2).", 0, 100) { AboveMinimum = true, Default = Defaults.EncoderScale };
}

/// <inheritdoc cref="DictionaryKeys"/>
internal static class HarvestKeys
{
    private static readonly HarvestDefinition Defaults = new() { Seed = 1 };

    public static HookPointKey HookPoint { get; } = new("hook_point", "Where activations are read, by its TransformerLens name; at most the model's last layer.") { Default = Defaults.HookPoint };

    public static HookPointKey TargetHookPoint { get; } = new("target_hook_point", "What a `transcoder` reconstructs, of the same token; only with that architecture.");

    public static IntegerKey BufferVectors { get; } = new("buffer_vectors", "Activation vectors that are shuffled together; × d_mlp (at mlp.hook_pre and mlp.hook_post) or d_model × 4 bytes is their memory, and as much again for targets.", 1, 1 << 28) { Default = Defaults.BufferVectors };

    public static IntegerKey BatchContexts { get; } = new("batch_contexts", "Contexts of one forward pass.", 1, 65_536) { Default = Defaults.BatchContexts };
}

/// <inheritdoc cref="DictionaryKeys"/>
internal static class EvaluationKeys
{
    private static readonly EvaluationDefinition Defaults = new();

    public static IntegerKey Tokens { get; } = new("tokens", "Validation tokens.", 1, 1_000_000_000_000) { Default = Defaults.Tokens };

    public static NumberKey UltralowDensity { get; } = new("ultralow_density", "A feature that fires, on a smaller share of tokens than this, counts to the ultralow density cluster.", 0, 1) { AboveMinimum = true, BelowMaximum = true, Default = Defaults.UltralowDensity };
}
