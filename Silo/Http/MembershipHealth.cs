using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Orchestrator.Silo.Http;

/// <summary>Whether the silo is one of its cluster's.</summary>
internal sealed class MembershipHealth(ISiloStatusOracle membership) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(membership.CurrentStatus == SiloStatus.Active
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"The silo is {membership.CurrentStatus}."));
}
