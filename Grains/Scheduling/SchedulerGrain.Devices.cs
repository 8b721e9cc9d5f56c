using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Telemetry;

namespace Orchestrator.Grains.Scheduling;

/// <content>
/// What devices are told: the leading one of a lease, the first of its devices. No turn waits for that: the device may be
/// calling this grain at the same time.
/// </content>
public sealed partial class SchedulerGrain
{
    private async Task Start(JobAssignment job)
    {
        var device = job.Devices![0];
        PoolMeters.LeaseGranted();
        LogGranted(string.Join(", ", job.Devices), job.Epoch, job.Job.Id, job.Job.Stages.Count);
        try
        {
            await GrainFactory.GetGrain<IDeviceGrain>(device).Start(job, CancellationToken.None);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUndeliverable(e, device, job.Epoch);
            _undeliverable.Add((device, job.Epoch, e.Message));
        }
    }

    /// <summary>A device that cannot be told loses its lease soon.</summary>
    private async Task Stop(JobAssignment job)
    {
        try
        {
            await GrainFactory.GetGrain<IDeviceGrain>(job.Devices![0]).Stop(job.Epoch, CancellationToken.None);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUndeliverable(e, job.Devices![0], job.Epoch);
        }
    }

    /// <summary>It is told again at each tick.</summary>
    private async Task Yield(JobAssignment job)
    {
        try
        {
            await GrainFactory.GetGrain<IDeviceGrain>(job.Devices![0]).Yield(job.Epoch, CancellationToken.None);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUndeliverable(e, job.Devices![0], job.Epoch);
        }
    }
}
