namespace Orchestrator.Simulation.Workloads;

/// <summary>What a simulated cluster is given to do.</summary>
public sealed record WorkloadOptions
{
    /// <summary>Equal seeds give equal weeks, to the last decision.</summary>
    public int Seed { get; init; } = 1;

    public int Devices { get; init; } = 1_000;

    public int DevicesPerHost { get; init; } = 8;

    public int Experiments { get; init; } = 200;

    /// <summary>Experiments of the middle class that always have work: their shares are measured.</summary>
    public int Busy { get; init; } = 10;

    /// <summary>Experiments of the lowest class that always have work: only the limit of patience gets them anything while others want all.</summary>
    public int Background { get; init; } = 3;

    /// <summary>Runs in all.</summary>
    public int Runs { get; init; } = 100_000;

    public TimeSpan Time { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Mean time between two failures of one device.</summary>
    public TimeSpan DeviceFailures { get; init; } = TimeSpan.FromDays(8);

    /// <summary>Mean time between two failures of one host, with all its devices.</summary>
    public TimeSpan HostFailures { get; init; } = TimeSpan.FromDays(60);

    public TimeSpan Repair { get; init; } = TimeSpan.FromMinutes(40);

    /// <summary>A week that takes seconds: for a test.</summary>
    public static WorkloadOptions Small { get; } = new()
    {
        Devices = 96,
        Experiments = 24,
        Busy = 4,
        Background = 1,
        Runs = 6_000,
        Time = TimeSpan.FromDays(4),
    };
}
