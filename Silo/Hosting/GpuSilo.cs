using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Grains;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Devices;
using Orchestrator.Silo.Stages;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Orchestrator.Silo.Hosting;

/// <summary>The silo of one device: its grain, its thread, and what computes on it.</summary>
internal static class GpuSilo
{
    public static void AddGpuRole(this ISiloBuilder silo, SiloSettings settings)
    {
        var services = silo.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings.Layout);
        services.AddSingleton<ArtefactStore>();
        services.AddSingleton<StoreRoom>();
        services.AddSingleton(provider => new DeviceIdentity(settings.DeviceName, provider.GetRequiredService<StoreRoom>())
        {
            Before = DeviceIdentity.ReadEnd(settings.Layout, settings.SiloName),
        });
        services.AddSingleton<JobReporterFactory>();
        services.AddSingleton<DevicePulse>();
        services.AddSingleton<DeviceThread>();
        services.AddStages();
        services.AddSchedulingOptions();
        services.AddOptions<DeviceOptions>()
            .Validate(options => options.IsValid, "Devices: all times must be positive.")
            .ValidateOnStart();
        // The state's grains live on control silos only: this process may die at any moment.
        services.PostConfigure<GrainTypeOptions>(types => types.Classes.RemoveWhere(
            type => type.Assembly == typeof(GrainsRegistration).Assembly || type.Assembly == typeof(DashboardOptions).Assembly));
    }
}
