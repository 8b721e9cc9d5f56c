using Orchestrator.Abstractions;

namespace Orchestrator.Contracts.Scheduling;

/// <summary>The one decision maker of a pool of devices; the key is the pool's name, <see cref="DefaultPool"/>.</summary>
[Alias("ISchedulerGrain")]
public interface ISchedulerGrain : IGrainWithStringKey
{
    const string DefaultPool = "default";

    /// <summary>Queues a job; a job with the same id that is queued or running is not queued again.</summary>
    [Alias("Enqueue")]
    Task Enqueue(JobRequest job, CancellationToken cancellationToken);

    /// <summary>Takes queued jobs of an experiment off and tells running ones to checkpoint and stop.</summary>
    [Alias("Cancel")]
    Task Cancel(ExperimentId experiment, CancellationToken cancellationToken);

    /// <summary>A device is there (again). A new incarnation ends the lease of an older one at once.</summary>
    [Alias("Register")]
    Task Register(DeviceInfo device, CancellationToken cancellationToken);

    /// <summary>Renews the lease that the device holds; false: it holds none, stop what you do.</summary>
    [Alias("Renew")]
    Task<bool> Renew(string device, Guid incarnation, long epoch, CancellationToken cancellationToken);

    /// <summary>The job of this epoch has ended and the device is free.</summary>
    [Alias("Release")]
    Task Release(string device, Guid incarnation, long epoch, CancellationToken cancellationToken);

    /// <summary>
    /// The device goes away in good order: its job has checkpointed and is first in the queue again; no attempt is counted.
    /// </summary>
    [Alias("Unregister")]
    Task Unregister(string device, Guid incarnation, CancellationToken cancellationToken);

    [Alias("GetStatus")]
    Task<SchedulerStatus> GetStatus(CancellationToken cancellationToken);
}

/// <summary>A device and what it computes; the key is its name, <c>cpu</c> or <c>cuda:0</c>. Lives on its own GPU silo.</summary>
[Alias("IDeviceGrain")]
public interface IDeviceGrain : IGrainWithStringKey
{
    /// <summary>Wakes the grain, which registers with the scheduler.</summary>
    [Alias("Attach")]
    Task<DeviceInfo> Attach(CancellationToken cancellationToken);

    /// <summary>Starts a job on the device thread and returns at once.</summary>
    [Alias("Start")]
    Task Start(JobAssignment job, CancellationToken cancellationToken);

    /// <summary>Asks the job of this epoch to checkpoint and stop; returns at once.</summary>
    [Alias("Stop")]
    Task Stop(long epoch, CancellationToken cancellationToken);
}
