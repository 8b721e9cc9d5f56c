using System.Numerics;

namespace Orchestrator.Numerics.Dictionaries.Kernels;

/// <summary>The numbers of one Adam step (Kingma and Ba; the paper gives none, these are the usual ones).</summary>
internal readonly struct AdamStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double DefaultBeta1 = 0.9;
    private const double DefaultBeta2 = 0.999;
    private const double DefaultEpsilon = 1e-8;

    /// <param name="step">Steps taken, this one included, from 1.</param>
    /// <param name="learningRate">Its learning rate.</param>
    public AdamStep(long step, double learningRate)
    {
        Size = T.CreateChecked(learningRate / (1 - Math.Pow(DefaultBeta1, step)));
        InverseRootCorrection = T.CreateChecked(1 / Math.Sqrt(1 - Math.Pow(DefaultBeta2, step)));
        Beta1 = T.CreateChecked(DefaultBeta1);
        Beta2 = T.CreateChecked(DefaultBeta2);
        Epsilon = T.CreateChecked(DefaultEpsilon);
    }

    public T Beta1 { get; }

    public T Beta2 { get; }

    public T Epsilon { get; }

    /// <summary>Learning rate over the first moment's bias correction.</summary>
    public T Size { get; }

    /// <summary>1 / √(bias correction of the second moment).</summary>
    public T InverseRootCorrection { get; }
}
