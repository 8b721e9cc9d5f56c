using System.Text.Json.Serialization;

namespace Orchestrator.Abstractions.Stages;

/// <summary>
/// One dictionary and how it is trained (paper, "Autoencoder" and "Optimisation"). Options that an architecture does not
/// have are null; <see cref="WithDefaults"/> fills in those that it has.
/// </summary>
public sealed record DictionaryDefinition
{
    /// <summary>λ of the paper's runs.</summary>
    public const double DefaultL1Coefficient = 0.004;

    /// <summary>Against a mean squared error over vector elements of activations of unit scale.</summary>
    public const double DefaultL0Coefficient = 1e-3;

    /// <summary>Rajamanoharan et al. 2024b.</summary>
    public const double DefaultBandwidth = 1e-3;

    /// <summary>Active features per token.</summary>
    public const int DefaultK = 32;

    /// <summary>Cumulative shares of the features that the groups of a matryoshka dictionary end at.</summary>
    public static IReadOnlyList<double> DefaultGroupFractions { get; } = [0.0625, 0.1875, 0.4375, 1.0];

    /// <summary>One of <see cref="DictionaryArchitecture.All"/>.</summary>
    public string Architecture { get; init; } = DictionaryArchitecture.Standard;

    /// <summary>Features, F.</summary>
    public required int FeatureCount { get; init; }

    /// <summary>λ against a reconstruction error that is the mean over vector elements; the L1 term is a sum over features.</summary>
    public double? L1Coefficient { get; init; }

    /// <summary>λ₀ of <c>jump-relu</c>, against the same error; the L0 term is the number of active features.</summary>
    public double? L0Coefficient { get; init; }

    /// <summary>Width ε of the kernel that gives the thresholds of <c>jump-relu</c> a gradient, in units of pre-activations.</summary>
    public double? Bandwidth { get; init; }

    /// <summary>Active features per token (<c>top-k</c>), or on the mean of a batch (<c>batch-top-k</c>, <c>matryoshka</c>).</summary>
    public int? K { get; init; }

    /// <summary>What wakes dead features where k decides which are active; null beside a k: nothing.</summary>
    public AuxKDefinition? AuxK { get; init; }

    /// <summary>Where the groups of a <c>matryoshka</c> dictionary end: ascending shares of the features, the last one 1.</summary>
    public IReadOnlyList<double>? GroupFractions { get; init; }

    /// <summary>Whether a <c>transcoder</c> has a linear path around its features.</summary>
    public bool? Skip { get; init; }

    /// <summary>
    /// Whether each feature of a <c>transcoder</c> has a threshold of its own, as in <c>jump-relu</c>: then
    /// <see cref="L0Coefficient"/> and <see cref="Bandwidth"/> are its options in place of <see cref="L1Coefficient"/>.
    /// </summary>
    public bool? HasThresholds { get; init; }

    /// <summary>
    /// Whether b_dec is subtracted before the encoder (the paper's; its authors later found that it may help to leave it
    /// out). Null: yes; a transcoder never does, its input being another space.
    /// </summary>
    public bool? PreBias { get; init; }

    /// <summary>Steps over which λ (or λ₀) rises linearly from 0; 0: none (the paper's).</summary>
    public int L1WarmupSteps { get; init; }

    /// <summary>Adam's learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Steps of linear warm-up of the learning rate.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Share of the steps, at the end, over which the learning rate falls linearly to 0; 0: none (the paper's).</summary>
    public double DecayFraction { get; init; }

    /// <summary>Activation vectors in a batch (paper: 8,192).</summary>
    public int BatchSize { get; init; } = 2_048;

    /// <summary>Activation vectors seen in training.</summary>
    public required long Tokens { get; init; }

    /// <summary>Steps in all: whole batches in <see cref="Tokens"/>.</summary>
    [JsonIgnore]
    public long Steps => Tokens / BatchSize;

    public required ulong Seed { get; init; }

    public ResamplingDefinition Resampling { get; init; } = new();

    /// <summary>How the encoder's matrix product is computed; null: in float32.</summary>
    public MatrixPrecision? Precision { get; init; }

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Which of the options decides how sparse it becomes, and its value.</summary>
    public (SparsityParameter Parameter, double Value) Sparsity =>
        K is { } k ? (SparsityParameter.K, k)
        : L0Coefficient is { } l0 ? (SparsityParameter.L0Coefficient, l0)
        : (SparsityParameter.L1Coefficient, L1Coefficient ?? DefaultL1Coefficient);

    /// <summary>The same with another value of what makes it sparse.</summary>
    public DictionaryDefinition WithSparsity(SparsityParameter parameter, double value) => parameter switch
    {
        SparsityParameter.K => this with { K = checked((int)value) },
        SparsityParameter.L0Coefficient => this with { L0Coefficient = value },
        _ => this with { L1Coefficient = value },
    };

    /// <summary>The same with every option that its architecture has filled in.</summary>
    /// <exception cref="ArgumentException">The architecture is unknown, lacks an option that is given, or a value is out of range.</exception>
    public DictionaryDefinition WithDefaults()
    {
        var architecture = Known();
        RequireOnlyOptionsOf(architecture);
        var hasThresholds = architecture.Has(ArchitectureOptions.L0Coefficient) || HasThresholds is true;
        var hasK = K is not null || (architecture.Has(ArchitectureOptions.K) && !architecture.Has(ArchitectureOptions.L1Coefficient));
        var complete = WithOptionsOfInference(architecture) with
        {
            K = hasK ? K ?? DefaultK : null,
            L1Coefficient = architecture.Has(ArchitectureOptions.L1Coefficient) && !hasK && !hasThresholds ? L1Coefficient ?? DefaultL1Coefficient : null,
            L0Coefficient = hasThresholds ? L0Coefficient ?? DefaultL0Coefficient : null,
            Bandwidth = hasThresholds ? Bandwidth ?? DefaultBandwidth : null,
        };
        complete.RequireValues();
        return complete;
    }

    /// <summary>
    /// The same of a dictionary that was trained elsewhere: what decides its activations is filled in where it has a default
    /// and must be given otherwise; how it was trained is not known and stays as it is.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The architecture is unknown, lacks an option that is given or an option that decides its activations is not, or a value
    /// is out of range.
    /// </exception>
    public DictionaryDefinition WithoutTraining()
    {
        var architecture = Known();
        RequireOnlyOptionsOf(architecture);
        if (K is null && architecture.Has(ArchitectureOptions.K) && !architecture.Has(ArchitectureOptions.L1Coefficient))
            throw new ArgumentException($"A dictionary of architecture '{Architecture}' needs a {nameof(K)}.");
        var complete = WithOptionsOfInference(architecture);
        complete.RequireValues();
        return complete;
    }

    private DictionaryArchitecture Known() => DictionaryArchitecture.Find(Architecture)
        ?? throw new ArgumentException($"Architecture '{Architecture}' is not known; known: {string.Join(", ", DictionaryArchitecture.All.Select(a => a.Name))}.");

    private DictionaryDefinition WithOptionsOfInference(DictionaryArchitecture architecture) => this with
    {
        GroupFractions = architecture.Has(ArchitectureOptions.Groups) ? GroupFractions ?? DefaultGroupFractions : null,
        Skip = architecture.Has(ArchitectureOptions.Skip) ? Skip ?? false : null,
        HasThresholds = HasThresholds is true ? true : null,   // absent where there are none: a definition keeps its address
    };

    private void RequireOnlyOptionsOf(DictionaryArchitecture architecture)
    {
        var thresholds = HasThresholds is true ? ArchitectureOptions.Thresholds : ArchitectureOptions.L0Coefficient;
        (ArchitectureOptions Option, bool IsGiven, string Name)[] options =
        [
            (ArchitectureOptions.L1Coefficient, L1Coefficient is not null, nameof(L1Coefficient)),
            (thresholds, L0Coefficient is not null, nameof(L0Coefficient)),
            (thresholds, Bandwidth is not null, nameof(Bandwidth)),
            (ArchitectureOptions.K, K is not null, nameof(K)),
            (ArchitectureOptions.AuxK, AuxK is not null, nameof(AuxK)),
            (ArchitectureOptions.Groups, GroupFractions is not null, nameof(GroupFractions)),
            (ArchitectureOptions.Skip, Skip is not null, nameof(Skip)),
            (ArchitectureOptions.Thresholds, HasThresholds is true, nameof(HasThresholds)),
        ];
        foreach (var (option, isGiven, name) in options)
        {
            if (isGiven && !architecture.Has(option))
                throw new ArgumentException($"A dictionary of architecture '{Architecture}' has no {name}.");
        }

        if (K is not null && L1Coefficient is not null)
            throw new ArgumentException($"Either {nameof(K)} or {nameof(L1Coefficient)} makes a {Architecture} sparse, not both.");
        if (HasThresholds is true && (K is not null || L1Coefficient is not null))
            throw new ArgumentException($"A {Architecture} with {nameof(HasThresholds)} has neither {nameof(K)} nor {nameof(L1Coefficient)}.");
        if (AuxK is not null && K is null && architecture.Has(ArchitectureOptions.L1Coefficient))
            throw new ArgumentException($"{nameof(AuxK)} goes with {nameof(K)}.");
    }

    private void RequireValues()
    {
        if (FeatureCount < 1) throw new ArgumentException($"{nameof(FeatureCount)} is {FeatureCount}; it must be at least 1.");
        if (K is { } k && (k < 1 || k > FeatureCount))
            throw new ArgumentException($"{nameof(K)} is {k}; it must lie between 1 and {FeatureCount}, the number of features.");
        if (AuxK is { Features: < 1 } auxK) throw new ArgumentException($"{nameof(AuxK)} has {auxK.Features} features; it must have at least 1.");
        if (Bandwidth is { } bandwidth && !(bandwidth > 0)) throw new ArgumentException($"{nameof(Bandwidth)} is {bandwidth}; it must be above 0.");
        if (GroupFractions is { } groups) RequireGroups(groups);
    }

    private static void RequireGroups(IReadOnlyList<double> groups)
    {
        for (var i = 0; i < groups.Count; i++)
        {
            if (!(groups[i] > (i == 0 ? 0 : groups[i - 1])) || groups[i] > 1)
                throw new ArgumentException($"{nameof(GroupFractions)} must ascend between 0 and 1; found {string.Join(", ", groups)}.");
        }

        if (groups.Count == 0 || groups[^1] != 1) throw new ArgumentException($"The last of {nameof(GroupFractions)} must be 1.");
    }
}

/// <summary>
/// The auxiliary loss of Gao et al. 2024: dead features reconstruct what the others leave. Added with its coefficient:
/// the mean squared error of that residual against what the strongest dead features make of it.
/// </summary>
public sealed record AuxKDefinition
{
    /// <summary>Dead features per token, k_aux; null: half the width of the output (the authors' rule).</summary>
    public int? Features { get; init; }

    /// <summary>α (authors: 1/32).</summary>
    public double Coefficient { get; init; } = 1.0 / 32;

    /// <summary>A feature is dead when it fired on none of this many last activation vectors (authors: 10,000,000).</summary>
    public long DeadAfterTokens { get; init; } = 10_000_000;

    /// <summary>k_aux for an output of that width.</summary>
    public int FeaturesFor(int outputDim) => Features ?? Math.Max(1, outputDim / 2);

    /// <summary><see cref="DeadAfterTokens"/> in steps, at least one.</summary>
    public long DeadAfterSteps(int batchSize) => Math.Max(1, (DeadAfterTokens + batchSize - 1) / batchSize);
}

/// <summary>Re-seeding of dead features (paper, "Resampling").</summary>
public sealed record ResamplingDefinition
{
    /// <summary>Steps between resamplings (paper: 25,000); 0: never.</summary>
    public int EverySteps { get; init; } = 25_000;

    /// <summary>A feature is dead when it fired in none of this many last steps (paper: 12,500).</summary>
    public int DeadAfterSteps { get; init; } = 12_500;

    /// <summary>Resamplings in all (paper: 4).</summary>
    public int Times { get; init; } = 4;

    /// <summary>Inputs among which new directions are drawn, in proportion to their squared loss (paper: 819,200).</summary>
    public int Candidates { get; init; } = 819_200;

    /// <summary>New encoder rows get this share of the mean norm of alive ones (paper: 0.2).</summary>
    public double EncoderScale { get; init; } = 0.2;
}
