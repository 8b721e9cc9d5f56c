using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Grains.Scheduling;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Silo.Devices;

/// <summary>Makes the reporter of a job.</summary>
public sealed class JobReporterFactory(
    IGrainFactory grains,
    StoreLayout layout,
    DeviceIdentity device,
    IOptions<DeviceOptions> options,
    IOptions<SchedulingOptions> scheduling,
    TimeProvider time,
    ILogger<JobReporter> logger)
{
    public JobReporter Create(RunningJob job) => new(job, grains, layout, device, options.Value, scheduling.Value.LeaseTtl, time, logger);
}
