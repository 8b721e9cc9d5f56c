namespace Orchestrator.Silo.Hosting;

/// <summary>What a silo hosts.</summary>
public enum SiloRole
{
    /// <summary>All grains but devices, and the state; never libtorch.</summary>
    Control,

    /// <summary>One device, and what computes on it.</summary>
    Gpu,
}
