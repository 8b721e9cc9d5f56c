namespace Orchestrator.Numerics.Dictionaries.Training;

/// <summary>A trainer's counters; <c>trainer.json</c> in a checkpoint.</summary>
internal sealed record TrainerProgress
{
    public long Steps { get; set; }

    public long TokensSeen { get; set; }

    /// <summary>Seconds spent in steps.</summary>
    public double StepSeconds { get; set; }

    public int ResampledFeatures { get; set; }

    /// <summary>Step after which features were last resampled; −1: never.</summary>
    public long ResampledAt { get; set; } = -1;

    /// <summary>Sums that had not been read when the checkpoint was written.</summary>
    public StepSums Sums { get; init; } = new();
}
