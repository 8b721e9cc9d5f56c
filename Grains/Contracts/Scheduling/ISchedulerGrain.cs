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

    /// <summary>The same for several jobs, which are made durable together.</summary>
    /// <exception cref="ArgumentException">A job asks for what no pool can give; none of them is queued.</exception>
    [Alias("EnqueueAll")]
    Task EnqueueAll(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken);

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
    /// The job of this epoch has made a checkpoint because it was asked to make room; the device is free and the job is
    /// first in its experiment's queue. No attempt is counted.
    /// </summary>
    [Alias("Yielded")]
    Task Yielded(string device, Guid incarnation, long epoch, CancellationToken cancellationToken);

    /// <summary>
    /// The device goes away in good order: its job has checkpointed and is first in the queue again; no attempt is counted.
    /// </summary>
    [Alias("Unregister")]
    Task Unregister(string device, Guid incarnation, CancellationToken cancellationToken);

    /// <summary>Everything that waits and every device: for people and small pools.</summary>
    [Alias("GetStatus")]
    Task<SchedulerStatus> GetStatus(CancellationToken cancellationToken);

    /// <summary>Where stages are, as one experiment sees it.</summary>
    [Alias("Locate")]
    Task<StagePlaces> Locate(ExperimentId experiment, IReadOnlyList<StageKey> stages, CancellationToken cancellationToken);

    /// <summary>Sets an experiment's share of the devices relative to others that have work; 1 where nothing is set.</summary>
    /// <exception cref="ArgumentException">The weight is not a number from 0.000001 to 1000000.</exception>
    [Alias("SetWeight")]
    Task SetWeight(ExperimentId experiment, double weight, CancellationToken cancellationToken);

    /// <summary>
    /// Sets the class of an experiment's jobs that name none of their own; 0 where nothing is set. A higher class goes first
    /// and may have jobs of a lower one make a checkpoint and go back to the queue.
    /// </summary>
    /// <exception cref="ArgumentException">The priority is not from -1000 to 1000.</exception>
    [Alias("SetPriority")]
    Task SetPriority(ExperimentId experiment, int priority, CancellationToken cancellationToken);

    /// <summary>Sets how many devices an experiment may hold at once; null: no limit. What runs beyond it runs to its end.</summary>
    /// <exception cref="ArgumentException">The limit is below 1.</exception>
    [Alias("SetMaxDevices")]
    Task SetMaxDevices(ExperimentId experiment, int? maxDevices, CancellationToken cancellationToken);

    /// <summary>
    /// Holds an experiment back, or lets it go on. What runs of it and has checkpoints makes one and goes back to the queue;
    /// anything else runs to its end.
    /// </summary>
    [Alias("SetPaused")]
    Task SetPaused(ExperimentId experiment, bool paused, CancellationToken cancellationToken);

    /// <summary>What each experiment may have, and has.</summary>
    [Alias("GetShares")]
    Task<IReadOnlyList<ExperimentShare>> GetShares(CancellationToken cancellationToken);

    /// <summary>Why the first jobs of an experiment wait; empty: none waits.</summary>
    /// <param name="experiment">Which.</param>
    /// <param name="count">At most so many jobs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("Explain")]
    Task<IReadOnlyList<WaitExplanation>> Explain(ExperimentId experiment, int count, CancellationToken cancellationToken);

    /// <summary>Part of the queue in the order in which its jobs are expected to start; those that cannot come last.</summary>
    /// <param name="offset">Jobs to leave out.</param>
    /// <param name="count">At most so many jobs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("Queue")]
    Task<QueuePage> Queue(int offset, int count, CancellationToken cancellationToken);
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

    /// <summary>Asks the job of this epoch to checkpoint and give the device back, to go on later; returns at once.</summary>
    [Alias("Yield")]
    Task Yield(long epoch, CancellationToken cancellationToken);
}
