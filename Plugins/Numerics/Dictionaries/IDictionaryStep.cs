using Orchestrator.Numerics.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>One training step of a dictionary on some kind of device.</summary>
internal interface IDictionaryStep : IDisposable
{
    /// <summary>
    /// Gradients, projection, Adam, renormalisation; marks in <see cref="OptimiserState.LastFired"/> what fired and adds
    /// the step's numbers to the sums.
    /// </summary>
    /// <param name="x">Activation vectors, [B, D].</param>
    /// <param name="step">This step's number, from 1.</param>
    /// <param name="l1Coefficient">λ of this step.</param>
    /// <param name="adam">Adam's numbers of this step.</param>
    void Run(Tensor x, long step, double l1Coefficient, in AdamStep adam);

    /// <summary>Brings sums that were kept on the device into <paramref name="sums"/>.</summary>
    void Collect(StepSums sums);
}
