namespace Orchestrator.Numerics.Dictionaries;

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

    public void Add(double meanSquaredError, double penalty, double l0)
    {
        Steps++;
        SquaredError += meanSquaredError;
        Loss += meanSquaredError + penalty;
        L0 += l0;
    }

    public void CopyFrom(StepSums other) =>
        (Steps, Loss, SquaredError, L0) = (other.Steps, other.Loss, other.SquaredError, other.L0);

    public void Clear() => (Steps, Loss, SquaredError, L0) = (0, 0, 0, 0);
}
