using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Decisions;
using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Gangs;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Preemption;
using Orchestrator.Grains.Scheduling.Records;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling;

/// <summary>
/// Decides who gets which devices: queue, shares and leases of one pool, without messages or disk. It is told what happens
/// and asked what to do next. What changed is taken from it and made durable before anybody hears of it; when devices
/// were last heard from is not durable. Not thread-safe.
/// </summary>
/// <remarks>
/// The same records, the same clock and the same events give the same decisions: nothing depends on chance, on the order
/// of hash tables, or on how long the pool has been in memory.
/// </remarks>
public sealed partial class DevicePool
{
    private readonly SchedulingOptions _options;
    private readonly TimeProvider _time;
    private readonly Fleet _fleet;
    private readonly WaitingRoom _waiting = new();
    private readonly Accounts _accounts;
    private readonly LeaseBook _leases;
    private readonly Reservations _reservations;
    private readonly Ranking _ranking;
    private readonly Dispatcher _dispatcher;
    private readonly Recorder _recorder = new();

    /// <summary>Takes up a pool where its records end; new records: an empty one.</summary>
    public DevicePool(PoolRecords records, SchedulingOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _fleet = new Fleet(options);
        _accounts = new Accounts(options);
        _leases = new LeaseBook(_fleet, options, time);
        _reservations = new Reservations(_fleet, _waiting, _leases, options);
        _ranking = new Ranking(_accounts, _fleet);
        _dispatcher = new Dispatcher(
            _fleet, _accounts, _leases, _reservations, _ranking, new VictimSelection(_fleet, _leases, options), _recorder, options);
        Restore(records);
    }

    /// <summary>Jobs that wait.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>
    /// Puts a job last in its experiment's queue; false where that experiment has it queued or computed already. One that
    /// is being cancelled may be queued again.
    /// </summary>
    /// <exception cref="ArgumentException">The job asks for what no pool can give.</exception>
    public bool Enqueue(JobRequest job)
    {
        JobRules.Require(job);
        if (_waiting.Contains(new QueueKey(job.Experiment, job.Id)) || IsComputed(job))
            return false;

        var now = _time.GetUtcNow();
        var account = _accounts.GetOrAdd(job.Experiment, now);
        _recorder.Changed(_waiting.AddLast(job, account, now));
        _recorder.Changed(account);
        Refresh(account, now);
        return true;
    }

    /// <summary>Takes an experiment's jobs off the queue and returns the leases whose job must be told to stop.</summary>
    public IReadOnlyList<JobAssignment> Cancel(ExperimentId experiment)
    {
        if (!_accounts.TryGet(experiment, out var account))
            return [];

        foreach (var job in account.Jobs.ToList())
            Unqueue(job);

        var stopping = _leases.All.Where(lease => lease.Account == account).ToList();
        foreach (var lease in stopping.Where(lease => !lease.Cancelled))
        {
            _leases.Cancel(lease);
            _recorder.Changed(lease);
        }

        Refresh(account, _time.GetUtcNow());
        return stopping.ConvertAll(Assignment);
    }

    /// <summary>What to do next; null: nothing until something happens. Ask again after each thing done.</summary>
    public Decision? Next() => _dispatcher.Next(_time.GetUtcNow());

    /// <summary>Takes a job off the queue that turned out to have nothing left to compute.</summary>
    public void Drop(StartDecision decision)
    {
        Unqueue(decision.Waiting);
        Refresh(decision.Waiting.Account, _time.GetUtcNow());
    }

    /// <summary>Leases the devices of a decision to its job under a new epoch.</summary>
    /// <param name="decision">From <see cref="Next"/>, with nothing in between.</param>
    /// <param name="stages">Those of its stages that are still to be computed.</param>
    public JobAssignment Grant(StartDecision decision, IReadOnlyList<JobStage> stages)
    {
        var now = _time.GetUtcNow();
        var job = decision.Waiting;
        if (job.Line.Head(_fleet) == job)
            job.Line.Since = null; // the next one begins to wait now

        Unqueue(job);
        var lease = _leases.Open(job.Job with { Stages = stages }, job.Account, decision.Leased, decision.IsOwed);
        _waiting.Begin(lease);
        _recorder.Changed(lease);
        foreach (var device in lease.Devices)
            _recorder.Changed(device);

        RefreshAll(lease, now);
        return Assignment(lease);
    }

    /// <summary>Notes that the jobs of a decision are asked to yield.</summary>
    /// <param name="decision">From <see cref="Next"/>, with nothing in between.</param>
    /// <returns>The leases whose leading devices must be told.</returns>
    public IReadOnlyList<JobAssignment> Ask(YieldDecision decision)
    {
        foreach (var lease in decision.Leases)
        {
            lease.YieldFor = decision.Beneficiary?.Key;
            _leases.AskToYield(lease, decision.Reason);
            _recorder.Changed(lease);
        }

        if (decision.Beneficiary is { } job)
        {
            _reservations.Add(job, _time.GetUtcNow());
            _recorder.PromisesChanged();
        }

        return [.. decision.Leases.Select(Assignment)];
    }

    /// <summary>Leases that were asked to yield and have not yet: a message may have been lost.</summary>
    public IReadOnlyList<JobAssignment> Yielding() => [.. _leases.Yielding.Select(Assignment)];

    /// <summary>What became different since the last call; null: nothing.</summary>
    public PoolChanges? TakeChanges() => _recorder.Take(_waiting, _leases, _reservations);

    /// <summary>All that must not be forgotten, in parts of at most so many records.</summary>
    public IEnumerable<PoolChanges> Whole(int most) => Recorder.Whole(_fleet, _accounts, _waiting, _leases, _reservations, most);

    private static JobAssignment Assignment(Lease lease) =>
        new(lease.Job, lease.Epoch) { Devices = [.. lease.Devices.Select(device => device.Name)] };

    private bool IsComputed(JobRequest job) =>
        job.Stages.Any(stage => _waiting.IsComputed(stage.Key))
        && _leases.All.Any(lease => lease.Job.Id == job.Id && lease.Job.Experiment == job.Experiment && !lease.Cancelled);

    private void Unqueue(WaitingJob job)
    {
        _waiting.Remove(job);
        _recorder.Changed(job);
        if (_reservations.Remove(job))
            _recorder.PromisesChanged();
    }

    private void Refresh(Account account, DateTimeOffset now) => Accounts.Refresh(account, _fleet, now, _recorder.Changed);

    /// <summary>After the stages of a lease began or ended: its experiment, and others that want the same.</summary>
    private void RefreshAll(Lease lease, DateTimeOffset now)
    {
        _recorder.Changed(lease.Account);
        Refresh(lease.Account, now);
        foreach (var stage in lease.Job.Stages)
        {
            foreach (var job in _waiting.With(stage.Key))
                Refresh(job.Account, now);
        }
    }
}
