namespace Orchestrator.Numerics.Dictionaries;

/// <summary>How a step computes its gradients; the mathematics is the same.</summary>
public enum GradientPath
{
    /// <summary>Whichever is faster for the number of active pairs in the batch at hand.</summary>
    Measured,

    /// <summary>Matrix products over all (token, feature) pairs.</summary>
    Dense,

    /// <summary>Only over the pairs that are active.</summary>
    Sparse,

    /// <summary>Operations of libtorch only: what every device other than the CPU does.</summary>
    Tensors,
}
