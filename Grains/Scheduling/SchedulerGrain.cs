using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Decisions;
using Orchestrator.Grains.Scheduling.Journal;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Telemetry;
using Orleans.Providers;
using Orleans.Storage;

namespace Orchestrator.Grains.Scheduling;

/// <summary>
/// The one decision maker of a pool. What it decides is in <see cref="DevicePool"/>; it makes decisions durable, tells runs
/// of lost leases, hands jobs to devices and asks them for room.
/// </summary>
[GrainType("scheduler")]
public sealed partial class SchedulerGrain(
    [PersistentState("scheduler")] IPersistentState<SchedulerState> state,
    [FromKeyedServices(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)] IGrainStorage storage,
    IOptions<SchedulingOptions> options,
    TimeProvider time,
    ILogger<SchedulerGrain> logger) : DurableGrain<SchedulerState>(state), ISchedulerGrain
{
    /// <summary>Leases whose job could not be handed over, for the next tick: an answer may come in the middle of a turn.</summary>
    private readonly List<(string Device, long Epoch, string Error)> _undeliverable = [];

    private DevicePool _pool = null!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _journal = new PoolJournal(storage, this.GetGrainId(), JournalOptions.Default);
        _pool = new DevicePool(await ReadRecords(), options.Value, time);
        if (State.Pages is null)
            await WriteWhole();

        this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(options.Value.Tick, options.Value.Tick) { KeepAlive = true });
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        PoolMeters.Load = null;
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    public Task Enqueue(JobRequest job, CancellationToken cancellationToken) => EnqueueAll([job], cancellationToken);

    public async Task EnqueueAll(IReadOnlyList<JobRequest> jobs, CancellationToken cancellationToken)
    {
        foreach (var job in jobs)
            JobRules.Require(job);

        if (jobs.Count(_pool.Enqueue) == 0)
            return;

        await Commit();
        await Dispatch();
    }

    public async Task Cancel(ExperimentId experiment, CancellationToken cancellationToken)
    {
        var stopping = _pool.Cancel(experiment);
        await Commit();
        foreach (var job in stopping)
            _ = Stop(job);

        await Dispatch(); // what was kept for its jobs is for others now
    }

    public async Task Register(DeviceInfo device, CancellationToken cancellationToken)
    {
        var lost = _pool.Register(device);
        if (await Commit())
            LogRegistered(device.Name, device.Incarnation);

        if (lost is not null)
            await Tell(lost);

        await Dispatch();
    }

    public async Task Unregister(string device, Guid incarnation, CancellationToken cancellationToken)
    {
        _pool.Unregister(device, incarnation);
        LogUnregistered(device, incarnation);
        await Commit();
        await Dispatch();
    }

    public Task<bool> Renew(string device, Guid incarnation, long epoch, CancellationToken cancellationToken) =>
        Task.FromResult(_pool.Renew(device, incarnation, epoch));

    public async Task Release(string device, Guid incarnation, long epoch, CancellationToken cancellationToken)
    {
        if (!_pool.Release(device, incarnation, epoch))
            return;

        await Commit();
        await Dispatch();
    }

    public async Task Yielded(string device, Guid incarnation, long epoch, CancellationToken cancellationToken)
    {
        if (!_pool.Yielded(device, incarnation, epoch))
            return;

        LogYielded(device, epoch);
        await Commit();
        await Dispatch();
    }

    private async Task Tick(CancellationToken cancellationToken)
    {
        var lost = _pool.Expire().ToList();
        foreach (var (device, epoch, error) in _undeliverable)
        {
            if (_pool.Undeliverable(device, epoch, error) is { } lease)
                lost.Add(lease);
        }

        _undeliverable.Clear();
        await Commit();
        foreach (var lease in lost)
            await Tell(lease);

        foreach (var job in _pool.Yielding())
            _ = Yield(job); // the first message may have been lost

        await Dispatch();
        WriteWholeIfLong();
    }

    /// <summary>Does whatever can be done now.</summary>
    private async Task Dispatch()
    {
        var granted = new List<JobAssignment>();
        var yielding = new List<JobAssignment>();
        while (Decide() is { } decision)
        {
            if (decision is YieldDecision yield)
            {
                PoolMeters.AskedToYield(yield.Leases.Count);
                LogPreempts(yield.Leases.Count, yield.Reason);
                yielding.AddRange(_pool.Ask(yield));
            }
            else if (decision is StartDecision start)
            {
                var open = await OpenStages(start.Job);
                if (open.Count > 0)
                    granted.Add(_pool.Grant(start, open));
                else
                    _pool.Drop(start);
            }
        }

        await Commit();
        PoolMeters.Load = _pool.Load();
        foreach (var job in granted)
            _ = Start(job);

        foreach (var job in yielding)
            _ = Yield(job);
    }

    private Decision? Decide()
    {
        var started = time.GetTimestamp();
        var decision = _pool.Next();
        PoolMeters.Decided(time.GetElapsedTime(started));
        return decision;
    }

    private async Task<IReadOnlyList<JobStage>> OpenStages(JobRequest job)
    {
        var runs = await Task.WhenAll(job.Stages.Select(stage => GrainFactory.StageRun(stage.Key).GetStatus(CancellationToken.None)));
        var open = job.Stages.Zip(runs).Where(stage => stage.Second.Outcome is null).ToList();

        // One that failed in company goes alone until it comes further; its experiment asks for the others again.
        return open.FindIndex(stage => stage.Second.IsApart) is var apart and >= 0
            ? [open[apart].First]
            : open.ConvertAll(stage => stage.First);
    }

    /// <summary>Closes the epoch of a lost lease at each of its runs, which decide whether to try again.</summary>
    private async Task Tell(LostLease lost)
    {
        LogLost(lost.Epoch, lost.Job.Id, lost.Reason);
        PoolMeters.LeaseLost();
        await Task.WhenAll(lost.Job.Stages.Select(
            stage => GrainFactory.StageRun(stage.Key).EndAttempt(lost.Epoch, lost.Outcome, CancellationToken.None)));
    }
}
