namespace Orchestrator.Numerics.Dictionaries.Training;

/// <summary>Sums over the steps since the last reading; kept in checkpoints, so that a reading survives them.</summary>
internal sealed class StepSums
{
    public long Steps { get; set; }

    /// <summary>Sum of the steps' losses.</summary>
    public double Loss { get; set; }

    /// <summary>Sum of the steps' mean squared errors.</summary>
    public double SquaredError { get; set; }

    /// <summary>Sum of the steps' L0.</summary>
    public double L0 { get; set; }

    public TrainingMetrics Read() =>
        Steps == 0 ? new(0, double.NaN, double.NaN, double.NaN) : new(Steps, Loss / Steps, SquaredError / Steps, L0 / Steps);

    /// <summary>Adds one step.</summary>
    /// <param name="meanSquaredError">Mean over elements.</param>
    /// <param name="loss">Everything that is minimised.</param>
    /// <param name="l0">Active features per token.</param>
    public void Add(double meanSquaredError, double loss, double l0) => Add(1, meanSquaredError, loss, l0);

    /// <summary>Adds sums over several steps.</summary>
    public void Add(long steps, double meanSquaredErrors, double losses, double l0s)
    {
        Steps += steps;
        SquaredError += meanSquaredErrors;
        Loss += losses;
        L0 += l0s;
    }

    public void Add(StepSums other) => Add(other.Steps, other.SquaredError, other.Loss, other.L0);

    public void CopyFrom(StepSums other) =>
        (Steps, Loss, SquaredError, L0) = (other.Steps, other.Loss, other.SquaredError, other.L0);

    public void Clear() => (Steps, Loss, SquaredError, L0) = (0, 0, 0, 0);
}
