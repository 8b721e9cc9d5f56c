namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>How a step computes its gradients; the mathematics is the same.</summary>
public enum GradientPath
{
    /// <summary>Whichever is faster for the number of active pairs in the batch at hand.</summary>
    Measured,

    /// <summary>Matrix products over all (token, feature) pairs; where rank decides what is active, still over pairs.</summary>
    Dense,

    /// <summary>Only over the pairs that are active.</summary>
    Sparse,

    /// <summary>Operations of libtorch only, as on devices other than the CPU: matrix products.</summary>
    DenseTensors,

    /// <summary>Operations of libtorch only: gathered pairs.</summary>
    SparseTensors,
}
