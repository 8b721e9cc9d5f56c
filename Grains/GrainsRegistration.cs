using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Grains.Experiments;
using Orchestrator.Grains.Runs;
using Orchestrator.Grains.Scheduling;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains;

/// <summary>What the grains of this room need.</summary>
public static class GrainsRegistration
{
    /// <summary>
    /// Artefacts, options and time. The silo adds the storage, and an <see cref="IExperimentReporter"/>.
    /// </summary>
    public static IServiceCollection AddGrains(this IServiceCollection services, StoreLayout layout)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(layout);
        services.AddSingleton<ArtefactStore>();
        services.AddSingleton<JobDemands>();
        services.AddHostedService<ExperimentSupervisor>();
        services.AddSchedulingOptions();
        services.AddOptions<RunOptions>()
            .Validate(options => options.IsValid, "Runs: AttemptsWithoutProgress and CrashesUntilQuarantine must be at least 1, retries not negative.")
            .ValidateOnStart();
        services.AddOptions<ExperimentOptions>()
            .Validate(options => options.IsValid, "Experiments: Reconcile and Supervise must be positive.")
            .ValidateOnStart();
        return services;
    }

    /// <summary>Control and GPU silos share these.</summary>
    public static IServiceCollection AddSchedulingOptions(this IServiceCollection services)
    {
        services.AddOptions<SchedulingOptions>()
            .Validate(options => options.IsValid, "Scheduling: Tick, Heartbeat, HalfLife and PatienceLimit must be positive, LeaseTtl at least 6 heartbeats, MinimumRun not negative and Reservations at least 1.")
            .ValidateOnStart();
        return services;
    }
}
