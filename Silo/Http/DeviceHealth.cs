using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Orchestrator.Grains.Scheduling;
using Orchestrator.Silo.Devices;

namespace Orchestrator.Silo.Http;

/// <summary>Whether the scheduler has heard from the device within the time of a lease.</summary>
internal sealed class DeviceHealth(DevicePulse pulse, IOptions<SchedulingOptions> scheduling) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(pulse.Silence is not { } silence ? HealthCheckResult.Unhealthy("The scheduler has not heard from the device yet.")
            : silence <= scheduling.Value.LeaseTtl ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy(string.Create(CultureInfo.InvariantCulture, $"The scheduler has not heard from the device for {silence.TotalSeconds:0} s.")));
}
