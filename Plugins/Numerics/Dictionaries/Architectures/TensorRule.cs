using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Steps;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// An architecture's part in a training step in libtorch's operations, for devices other than the CPU; the counterpart of
/// <see cref="HostRule{T}"/>. The step keeps the dispose scope.
/// </summary>
internal abstract class TensorRule
{
    public virtual AuxiliaryLoss? AuxiliaryLoss => null;

    /// <inheritdoc cref="HostRule{T}.Groups"/>
    public virtual IReadOnlyList<int>? Groups => null;

    /// <summary>Begins a step.</summary>
    /// <param name="settings">Its number and penalty.</param>
    /// <param name="batch">B.</param>
    public virtual void Begin(in StepSettings settings, int batch)
    {
    }

    /// <summary>What reconstructs.</summary>
    /// <param name="z">Raw pre-activations, [B, F].</param>
    public abstract TensorPairs Select(Tensor z);

    /// <summary>What reconstructs a second time; null where nothing does in this step.</summary>
    public virtual TensorPairs? SelectAuxiliary(Tensor z) => null;

    /// <summary>Derivatives of the reconstruction error by activations become derivatives of the loss by z.</summary>
    /// <param name="pairs">All of the batch.</param>
    /// <param name="gradients">[P].</param>
    /// <returns>[P], and a scalar: what they add to the loss beside the reconstruction error; null: nothing.</returns>
    public virtual (Tensor Gradients, Tensor? Penalty) Backward(TensorPairs pairs, Tensor gradients) => (gradients, null);

    /// <summary>The same for the second reconstruction.</summary>
    public virtual (Tensor Gradients, Tensor? Penalty) BackwardAuxiliary(TensorPairs pairs, Tensor gradients) => (gradients, null);

    /// <summary>Gradients of the feature vectors, each [F], in the architecture's order.</summary>
    /// <param name="main">The pairs and what <see cref="Backward"/> returned for them.</param>
    /// <param name="auxiliary">The same of the second reconstruction; null where there is none.</param>
    public virtual Tensor[] VectorGradients((TensorPairs Pairs, Tensor Gradients) main, (TensorPairs Pairs, Tensor Gradients)? auxiliary)
    {
        var features = Features;
        var sums = main.Pairs.SumByFeature(main.Gradients, features);
        return [auxiliary is { } second ? sums.add_(second.Pairs.SumByFeature(second.Gradients, features)) : sums];
    }

    /// <summary>Ends a step, the weights being updated.</summary>
    public virtual void End()
    {
    }

    /// <summary>F.</summary>
    protected abstract long Features { get; }
}
