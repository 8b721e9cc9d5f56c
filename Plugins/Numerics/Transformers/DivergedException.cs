namespace Orchestrator.Numerics.Transformers;

/// <summary>The loss of a training is no longer a finite number.</summary>
public sealed class DivergedException(long stepIndex, double loss)
    : Exception($"Training diverged: the loss was {loss} at or before step {stepIndex}. A lower learning rate may help.")
{
    /// <summary>The step after which this was seen.</summary>
    public long StepIndex { get; } = stepIndex;

    public double Loss { get; } = loss;
}
