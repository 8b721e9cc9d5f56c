using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Providers;
using Orleans.Storage;

namespace Orchestrator.Silo.Http;

/// <summary>Whether grains can read their state.</summary>
internal sealed class StorageHealth([FromKeyedServices(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)] IGrainStorage storage) : IHealthCheck
{
    private static readonly GrainId Nobody = GrainId.Create("health", "storage");

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await storage.ReadStateAsync("health", Nobody, new GrainState<int>());
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy($"State cannot be read: {exception.Message}", exception);
        }
    }
}
