using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Scheduling;

/// <summary>
/// The one decision maker of a pool. What it decides is in <see cref="LeaseBook"/>; it makes decisions durable, tells runs
/// of lost leases and hands jobs to devices.
/// </summary>
[GrainType("scheduler")]
public sealed partial class SchedulerGrain(
    [PersistentState("scheduler")] IPersistentState<SchedulerState> state,
    IOptions<SchedulingOptions> options,
    TimeProvider time,
    ILogger<SchedulerGrain> logger) : DurableGrain<SchedulerState>(state), ISchedulerGrain
{
    /// <summary>Leases whose job could not be handed over, for the next tick: an answer may come in the middle of a turn.</summary>
    private readonly List<(string Device, long Epoch, string Error)> _undeliverable = [];

    private LeaseBook _book = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _book = new LeaseBook(State, options.Value, time);
        this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(options.Value.Tick, options.Value.Tick) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public async Task Enqueue(JobRequest job, CancellationToken cancellationToken)
    {
        if (!_book.Enqueue(job))
            return;

        await Save();
        await Dispatch();
    }

    public async Task Cancel(ExperimentId experiment, CancellationToken cancellationToken)
    {
        var stopping = _book.Cancel(experiment, out var changed);
        if (changed)
            await Save();

        foreach (var device in stopping)
            _ = Stop(device.Name, device.Epoch);
    }

    public async Task Register(DeviceInfo device, CancellationToken cancellationToken)
    {
        var lost = _book.Register(device, out var changed);
        if (changed)
        {
            LogRegistered(device.Name, device.Incarnation);
            await Save();
        }

        if (lost is not null)
            await Tell(lost);

        await Dispatch();
    }

    public async Task Unregister(string device, Guid incarnation, CancellationToken cancellationToken)
    {
        _book.Unregister(device, incarnation);
        LogUnregistered(device, incarnation);
        await Save();
    }

    public Task<bool> Renew(string device, Guid incarnation, long epoch, CancellationToken cancellationToken) =>
        Task.FromResult(_book.Renew(device, incarnation, epoch));

    public async Task Release(string device, Guid incarnation, long epoch, CancellationToken cancellationToken)
    {
        if (!_book.Release(device, incarnation, epoch))
            return;

        await Save();
        await Dispatch();
    }

    public Task<SchedulerStatus> GetStatus(CancellationToken cancellationToken) => Task.FromResult(_book.Status());

    private async Task Tick(CancellationToken cancellationToken)
    {
        var lost = _book.Expire().ToList();
        foreach (var (device, epoch, error) in _undeliverable)
        {
            if (_book.Undeliverable(device, epoch, error) is { } lease)
                lost.Add(lease);
        }

        _undeliverable.Clear();
        if (lost.Count > 0)
            await Save();

        foreach (var lease in lost)
            await Tell(lease);

        await Dispatch();
    }

    /// <summary>Gives free devices to waiting jobs, as long as there are both.</summary>
    private async Task Dispatch()
    {
        var granted = new List<(string Device, JobAssignment Job)>();
        var dropped = false;
        while (_book.FreeDevice() is { } device && _book.NextJob() is { } job)
        {
            var open = await OpenStages(job);
            if (open.Count > 0)
            {
                granted.Add((device.Name, _book.Grant(device, job, open)));
            }
            else
            {
                _book.Drop(job);
                dropped = true;
            }
        }

        if (granted.Count > 0 || dropped)
            await Save();

        foreach (var (device, job) in granted)
            _ = Start(device, job);
    }

    private async Task<IReadOnlyList<JobStage>> OpenStages(JobRequest job)
    {
        var runs = await Task.WhenAll(job.Stages.Select(stage => GrainFactory.StageRun(stage.Key).GetStatus(CancellationToken.None)));
        return [.. job.Stages.Where((_, index) => runs[index].Outcome is null)];
    }

    /// <summary>Closes the epoch of a lost lease at each of its runs, which decide whether to try again.</summary>
    private async Task Tell(LostLease lost)
    {
        LogLost(lost.Epoch, lost.Job.Id, lost.Reason);
        var outcome = lost.Cancelled ? RunOutcome.Cancelled : RunOutcome.Failed(FailureClass.Infrastructure, lost.Reason);
        await Task.WhenAll(lost.Job.Stages.Select(
            stage => GrainFactory.StageRun(stage.Key).EndAttempt(lost.Epoch, outcome, CancellationToken.None)));
    }

    /// <summary>Not awaited by a turn: the device may be calling this grain at the same time.</summary>
    private async Task Start(string device, JobAssignment job)
    {
        LogGranted(device, job.Epoch, job.Job.Id, job.Job.Stages.Count);
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

    /// <summary>Not awaited either; a device that cannot be told loses its lease soon.</summary>
    private async Task Stop(string device, long epoch)
    {
        try
        {
            await GrainFactory.GetGrain<IDeviceGrain>(device).Stop(epoch, CancellationToken.None);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUndeliverable(e, device, epoch);
        }
    }
}
