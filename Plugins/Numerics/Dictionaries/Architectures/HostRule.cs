using System.Numerics;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using Orchestrator.Numerics.Dictionaries.Steps;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// An architecture's part in a training step on the CPU. The step calls <see cref="Begin"/>; lets <see cref="Main"/> (and
/// <see cref="Auxiliary"/>) select pairs; reconstructs, and writes into each pair the derivative of the reconstruction
/// error by its activation; <see cref="Backward"/> turns these into derivatives of the loss by z; then, feature by
/// feature, <see cref="VectorGradients"/> gives the gradients of the feature vectors. Pairs of different tokens, and
/// different features, may come on different threads at once.
/// </summary>
internal abstract unsafe class HostRule<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Selects what reconstructs.</summary>
    public abstract PairSelector<T> Main { get; }

    /// <summary>Selects for a second reconstruction; null where the architecture has none, or this step none.</summary>
    public virtual PairSelector<T>? Auxiliary => null;

    /// <summary>What the second reconstruction is for; null where the architecture has none.</summary>
    public virtual AuxiliaryLoss? AuxiliaryLoss => null;

    /// <summary>Whether pairs need a fourth number.</summary>
    public virtual bool HasExtras => false;

    /// <summary>
    /// Ends of the leading groups of features that each reconstruct alone, ascending, the last one F; the loss is the mean
    /// of their errors.
    /// </summary>
    public virtual IReadOnlyList<int>? Groups => null;

    /// <summary>Begins a step.</summary>
    /// <param name="settings">Its number and penalty.</param>
    /// <param name="batch">B.</param>
    public virtual void Begin(in StepSettings settings, int batch)
    {
    }

    /// <summary>Derivatives by activations become derivatives by z.</summary>
    /// <param name="pairs">Some pairs of one token.</param>
    /// <returns>What these pairs add to the loss beside the reconstruction error.</returns>
    public virtual double Backward(in PairView<T> pairs) => 0;

    /// <summary>The same for the second reconstruction.</summary>
    public virtual double BackwardAuxiliary(in PairView<T> pairs) => 0;

    /// <summary>Gradients of a feature's numbers in the feature vectors, in the architecture's order.</summary>
    /// <param name="feature">Which.</param>
    /// <param name="main">All its pairs.</param>
    /// <param name="auxiliary">All its pairs of the second reconstruction; empty where there is none.</param>
    /// <param name="gradients">One number for each vector.</param>
    public virtual void VectorGradients(int feature, in PairView<T> main, in PairView<T> auxiliary, T* gradients) =>
        gradients[0] = main.GradientSum() + auxiliary.GradientSum();

    /// <summary>Ends a step, the weights being updated.</summary>
    public virtual void End()
    {
    }
}

/// <summary>What the second reconstruction of an architecture is for.</summary>
/// <param name="Coefficient">Its mean squared error times this is added to the loss.</param>
/// <param name="IsOfResidual">
/// True: it reconstructs what the first one left, without b_dec, and the decoder learns from it. False: it reconstructs
/// the target, with b_dec, and only the encoder learns from it.
/// </param>
internal sealed record AuxiliaryLoss(double Coefficient, bool IsOfResidual);
