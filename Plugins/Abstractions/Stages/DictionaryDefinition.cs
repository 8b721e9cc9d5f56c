namespace Orchestrator.Abstractions.Stages;

/// <summary>One dictionary and how it is trained (paper, "Autoencoder" and "Optimisation").</summary>
public sealed record DictionaryDefinition
{
    /// <summary><c>standard</c>: ReLU with an L1 penalty, tied pre-bias, unit-norm decoder.</summary>
    public string Architecture { get; init; } = "standard";

    /// <summary>Features, F.</summary>
    public required int FeatureCount { get; init; }

    /// <summary>λ against a reconstruction error that is the mean over vector elements; the L1 term is a sum over features.</summary>
    public double L1Coefficient { get; init; } = 0.004;

    /// <summary>Steps over which λ rises linearly from 0; 0: none (the paper's).</summary>
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

    public required ulong Seed { get; init; }

    public ResamplingDefinition Resampling { get; init; } = new();

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 100;
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

/// <summary>On what a dictionary's metrics and its feature table are measured: the start of the validation split.</summary>
public sealed record EvaluationDefinition
{
    /// <summary>Validation tokens.</summary>
    public long Tokens { get; init; } = 100_000;

    /// <summary>
    /// A feature that fires, with a lower density than this, is counted to the ultralow density cluster. Must be well above
    /// 1 / <see cref="Tokens"/>, the lowest density that can be seen.
    /// </summary>
    public double UltralowDensity { get; init; } = 1e-4;
}
