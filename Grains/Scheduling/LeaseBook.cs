using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling;

/// <summary>
/// Decides who gets which device: the queue and the leases, without messages or disk. Changes only the state,
/// which the caller makes durable before anybody hears of it; when devices were last heard from is not durable.
/// </summary>
/// <remarks>
/// After a restart every lease is good for a whole TTL again, because its holder may be at work: that delays a
/// replacement, and cannot make two holders.
/// </remarks>
public sealed class LeaseBook
{
    private readonly SchedulerState _state;
    private readonly SchedulingOptions _options;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, DateTimeOffset> _expiry = [];
    private readonly Dictionary<string, DateTimeOffset> _heard = [];

    public LeaseBook(SchedulerState state, SchedulingOptions options, TimeProvider time)
    {
        _state = state;
        _options = options;
        _time = time;
        foreach (var device in Leased)
            Extend(device);
    }

    private IEnumerable<DeviceRecord> Leased => _state.Devices.Values.Where(device => device.Job is not null);

    /// <summary>
    /// Puts a job last in the queue; false where it is queued or computed already. One that is being cancelled may be
    /// queued again: another experiment wants it.
    /// </summary>
    public bool Enqueue(JobRequest job)
    {
        if (_state.Queue.Exists(queued => queued.Id == job.Id) || Leased.Any(device => device.Job!.Id == job.Id && !device.Cancelled))
            return false;

        _state.Queue.Add(job);
        return true;
    }

    /// <summary>Takes an experiment's jobs off the queue and returns the devices whose job must be told to stop.</summary>
    /// <param name="experiment">Whose jobs.</param>
    /// <param name="changed">Whether there is anything to make durable.</param>
    public IReadOnlyList<DeviceRecord> Cancel(ExperimentId experiment, out bool changed)
    {
        var removed = _state.Queue.RemoveAll(job => job.Experiment == experiment);
        var stopping = Leased.Where(device => device.Job!.Experiment == experiment).ToList();
        changed = removed > 0 || stopping.Exists(device => !device.Cancelled);
        foreach (var device in stopping)
            device.Cancelled = true;

        return stopping;
    }

    /// <summary>A device is there. Its job, where an earlier process had one, is lost.</summary>
    /// <param name="changed">Whether there is anything to make durable.</param>
    public LostLease? Register(DeviceInfo device, out bool changed)
    {
        LostLease? lost = null;
        if (!_state.Devices.TryGetValue(device.Name, out var record))
            _state.Devices[device.Name] = record = new DeviceRecord { Name = device.Name };
        else if (record.Incarnation != device.Incarnation)
            lost = End(record, $"the process that served device {device.Name} was replaced");

        changed = !record.Present || record.Incarnation != device.Incarnation;
        record.Present = true;
        record.Incarnation = device.Incarnation;
        _heard[device.Name] = _time.GetUtcNow();
        return lost;
    }

    /// <summary>The device goes away in good order; its job, if any, is first in the queue.</summary>
    public void Unregister(string device, Guid incarnation)
    {
        if (!_state.Devices.TryGetValue(device, out var record) || record.Incarnation != incarnation)
            return;

        End(record, "");
        record.Present = false;
    }

    /// <summary>Makes a lease last for another TTL; false: there is no such lease.</summary>
    public bool Renew(string device, Guid incarnation, long epoch)
    {
        if (Find(device, incarnation, epoch) is not { } record)
            return false;

        Extend(record);
        _heard[device] = _time.GetUtcNow();
        return true;
    }

    /// <summary>Ends a lease on its holder's word; false: there is no such lease.</summary>
    public bool Release(string device, Guid incarnation, long epoch)
    {
        if (Find(device, incarnation, epoch) is not { } record)
            return false;

        Free(record);
        return true;
    }

    /// <summary>Ends the leases that were not renewed in time; their devices get nothing until they register again.</summary>
    public IReadOnlyList<LostLease> Expire()
    {
        var now = _time.GetUtcNow();
        return Leased.Where(device => _expiry[device.Name] <= now).ToList()
            .ConvertAll(device => Lose(device, $"device {device.Name} did not renew its lease for {_options.LeaseTtl.TotalSeconds:0.#} s"));
    }

    /// <summary>Ends a lease whose job could not be handed to its device; null: it has ended otherwise.</summary>
    public LostLease? Undeliverable(string device, long epoch, string error) =>
        _state.Devices.GetValueOrDefault(device) is { Job: not null } record && record.Epoch == epoch
            ? Lose(record, $"device {device} could not be reached ({error})")
            : null;

    /// <summary>A device that is free and was heard from within a TTL; null: none.</summary>
    public DeviceRecord? FreeDevice()
    {
        var oldest = _time.GetUtcNow() - _options.LeaseTtl;
        return _state.Devices.Values.FirstOrDefault(device => device is { Present: true, Job: null }
            && _heard.TryGetValue(device.Name, out var heard) && heard > oldest);
    }

    /// <summary>
    /// The job whose turn it is: of the experiment with the fewest leases, the one that waits longest. A job with a stage
    /// that is being computed elsewhere waits for its end, so that nothing is computed twice.
    /// </summary>
    public JobRequest? NextJob()
    {
        var running = Leased.SelectMany(device => device.Job!.Stages).Select(stage => stage.Key).ToHashSet();
        var leases = Leased.CountBy(device => device.Job!.Experiment).ToDictionary();
        return _state.Queue
            .Where(job => !job.Stages.Any(stage => running.Contains(stage.Key)))
            .MinBy(job => leases.GetValueOrDefault(job.Experiment)); // the first among equals
    }

    /// <summary>Takes a job off the queue.</summary>
    public void Drop(JobRequest job) => _state.Queue.Remove(job);

    /// <summary>Leases a free device to a queued job under a new epoch.</summary>
    /// <param name="device">From <see cref="FreeDevice"/>.</param>
    /// <param name="job">From <see cref="NextJob"/>.</param>
    /// <param name="stages">Those of its stages that are still to be computed.</param>
    public JobAssignment Grant(DeviceRecord device, JobRequest job, IReadOnlyList<JobStage> stages)
    {
        Drop(job);
        device.Epoch = ++_state.LastEpoch;
        device.Job = job with { Stages = stages };
        device.Cancelled = false;
        Extend(device);
        return new JobAssignment(device.Job, device.Epoch);
    }

    public SchedulerStatus Status() => new(
        [.. _state.Queue],
        [.. _state.Devices.Values.Select(device => new LeaseStatus(
            new DeviceInfo(device.Name, device.Incarnation),
            device.Epoch,
            device.Job,
            device.Job is null ? null : _expiry[device.Name]))]);

    private DeviceRecord? Find(string device, Guid incarnation, long epoch) =>
        _state.Devices.GetValueOrDefault(device) is { Job: not null } record && record.Incarnation == incarnation && record.Epoch == epoch
            ? record
            : null;

    private void Extend(DeviceRecord device) => _expiry[device.Name] = _time.GetUtcNow() + _options.LeaseTtl;

    private LostLease Lose(DeviceRecord device, string reason)
    {
        device.Present = false;
        return End(device, reason)!;
    }

    private LostLease? End(DeviceRecord device, string reason)
    {
        if (device.Job is not { } job)
            return null;

        var lost = new LostLease(job, device.Epoch, device.Cancelled, reason);
        if (!device.Cancelled && !_state.Queue.Exists(queued => queued.Id == job.Id))
            _state.Queue.Insert(0, job);

        Free(device);
        return lost;
    }

    private void Free(DeviceRecord device)
    {
        device.Job = null;
        device.Cancelled = false;
        _expiry.Remove(device.Name);
    }
}
