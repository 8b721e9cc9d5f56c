using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Silo.Devices;

/// <summary>The device thread's face in the cluster. It keeps nothing: thread and heartbeats outlive its activation.</summary>
[GrainType("device"), DevicePlacement]
public sealed class DeviceGrain(DeviceThread thread, DeviceIdentity device) : Grain, IDeviceGrain
{
    public async Task<DeviceInfo> Attach(CancellationToken cancellationToken)
    {
        await GrainFactory.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool).Register(device.Info, cancellationToken);
        return device.Info;
    }

    public Task Start(JobAssignment job, CancellationToken cancellationToken)
    {
        thread.Start(job);
        return Task.CompletedTask;
    }

    public Task Stop(long epoch, CancellationToken cancellationToken)
    {
        thread.Stop(epoch);
        return Task.CompletedTask;
    }

    public Task Yield(long epoch, CancellationToken cancellationToken)
    {
        thread.Yield(epoch);
        return Task.CompletedTask;
    }
}
