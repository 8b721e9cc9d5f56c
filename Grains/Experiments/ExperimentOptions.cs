namespace Orchestrator.Grains.Experiments;

/// <summary>How experiments are watched.</summary>
public sealed class ExperimentOptions
{
    /// <summary>How often a running experiment compares what it wants with what runs and scheduler say. Default: 1 s.</summary>
    public TimeSpan Reconcile { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often running experiments are woken, should their activation have been lost. Default: 5 s.</summary>
    public TimeSpan Supervise { get; set; } = TimeSpan.FromSeconds(5);

    internal bool IsValid => Reconcile > TimeSpan.Zero && Supervise > TimeSpan.Zero;
}
