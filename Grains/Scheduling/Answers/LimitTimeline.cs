using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Answers;

/// <summary>When experiments with a limit may hold more devices again.</summary>
internal sealed class LimitTimeline(LeaseBook leases, DateTimeOffset now)
{
    private readonly Dictionary<Account, PriorityQueue<(int Devices, DateTimeOffset? End), DateTimeOffset>> _ends = [];
    private readonly Dictionary<Account, int> _held = [];

    /// <summary>When the job's experiment may hold its devices too; null: nobody can say.</summary>
    public DateTimeOffset? Earliest(WaitingJob job)
    {
        if (job.Account.MaxDevices is not { } most)
            return now;

        DateTimeOffset? at = now;
        var ends = EndsOf(job.Account);
        while (_held[job.Account] + job.Demand.Devices > most && ends.TryDequeue(out var ended, out _))
        {
            _held[job.Account] -= ended.Devices;
            at = ended.End is { } end && at is { } known ? (end > known ? end : known) : null;
        }

        return at;
    }

    public void Start(WaitingJob job, DateTimeOffset? at)
    {
        if (job.Account.MaxDevices is null)
            return;

        Add(EndsOf(job.Account), job.Demand.Devices, at + job.Demand.Duration);
        _held[job.Account] += job.Demand.Devices;
    }

    private static void Add(PriorityQueue<(int Devices, DateTimeOffset? End), DateTimeOffset> ends, int devices, DateTimeOffset? end) =>
        ends.Enqueue((devices, end), end ?? DateTimeOffset.MaxValue);

    private PriorityQueue<(int Devices, DateTimeOffset? End), DateTimeOffset> EndsOf(Account account)
    {
        if (_ends.TryGetValue(account, out var ends))
            return ends;

        _ends[account] = ends = new();
        _held[account] = account.Held;
        foreach (var lease in leases.All.Where(lease => lease.Account == account))
            Add(ends, lease.Devices.Count, lease.Availability.Expected(now));

        return ends;
    }
}
