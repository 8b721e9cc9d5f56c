using Orchestrator.Numerics.Dictionaries.Training;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>One training step of a dictionary on some kind of device.</summary>
internal interface IDictionaryStep : IDisposable
{
    /// <summary>
    /// Gradients, projection, Adam, renormalisation; marks in <see cref="OptimiserState.LastFired"/> what fired and adds
    /// the step's numbers to the sums.
    /// </summary>
    /// <param name="x">Activation vectors, [B, D].</param>
    /// <param name="target">What is to be reconstructed, [B, D_out]; <paramref name="x"/> itself but for transcoders.</param>
    /// <param name="settings">Learning rate and penalty.</param>
    void Run(Tensor x, Tensor target, in StepSettings settings);

    /// <summary>Brings sums that were kept on the device into <paramref name="sums"/>.</summary>
    void Collect(StepSums sums);
}
