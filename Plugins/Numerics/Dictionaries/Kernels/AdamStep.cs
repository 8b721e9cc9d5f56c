namespace Orchestrator.Numerics.Dictionaries.Kernels;

/// <summary>The numbers of one Adam step (Kingma and Ba; the paper gives none, these are the usual ones).</summary>
internal readonly struct AdamStep
{
    public const double DefaultBeta1 = 0.9;
    public const double DefaultBeta2 = 0.999;
    public const double DefaultEpsilon = 1e-8;

    /// <param name="step">Steps taken, this one included, from 1.</param>
    /// <param name="learningRate">Its learning rate.</param>
    public AdamStep(long step, double learningRate)
    {
        Size = (float)(learningRate / (1 - Math.Pow(DefaultBeta1, step)));
        InverseRootCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(DefaultBeta2, step)));
        Beta1 = (float)DefaultBeta1;
        Beta2 = (float)DefaultBeta2;
        Epsilon = (float)DefaultEpsilon;
    }

    public float Beta1 { get; }

    public float Beta2 { get; }

    public float Epsilon { get; }

    /// <summary>Learning rate over the first moment's bias correction.</summary>
    public float Size { get; }

    /// <summary>1 / √(bias correction of the second moment).</summary>
    public float InverseRootCorrection { get; }
}
