using System.Diagnostics.CodeAnalysis;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Records;
using Orchestrator.Grains.Scheduling.Shares;

namespace Orchestrator.Grains.Scheduling.Waiting;

/// <summary>All waiting jobs: by experiment and class, by shape, and by the stages that they would compute.</summary>
internal sealed class WaitingRoom
{
    private readonly Dictionary<QueueKey, WaitingJob> _jobs = [];
    private readonly Dictionary<StageKey, List<WaitingJob>> _byStage = [];
    private readonly HashSet<StageKey> _computed = [];
    private readonly FitScale _scale = new();

    public int Count => _jobs.Count;

    public IReadOnlyCollection<WaitingJob> Jobs => _jobs.Values;

    /// <summary>The order of the last job put at the back.</summary>
    public long LastOrder { get; set; }

    /// <summary>The order of the last job put at the front.</summary>
    public long FirstOrder { get; set; }

    public bool Contains(QueueKey key) => _jobs.ContainsKey(key);

    public WaitingJob Get(QueueKey key) => _jobs[key];

    public bool TryGet(QueueKey key, [MaybeNullWhen(false)] out WaitingJob job) => _jobs.TryGetValue(key, out job);

    /// <summary>Whether a device computes the stage.</summary>
    public bool IsComputed(StageKey stage) => _computed.Contains(stage);

    /// <summary>The waiting jobs that would compute a stage.</summary>
    public IReadOnlyList<WaitingJob> With(StageKey stage) => _byStage.TryGetValue(stage, out var jobs) ? jobs : [];

    public WaitingJob AddLast(JobRequest job, Account account, DateTimeOffset now) =>
        Add(new WaitingJob(job, account, ++LastOrder, now, lastHost: null));

    public WaitingJob AddFirst(JobRequest job, Account account, DateTimeOffset now, string lastHost) =>
        Add(new WaitingJob(job, account, --FirstOrder, now, lastHost));

    public WaitingJob Add(WaitingJob job)
    {
        _jobs.Add(job.Key, job);
        job.Account.Jobs.Add(job);
        job.Line = LineOf(job.Account, job.Demand.Priority);
        foreach (var stage in job.Job.Stages)
        {
            if (!_byStage.TryGetValue(stage.Key, out var jobs))
                _byStage[stage.Key] = jobs = [];

            jobs.Add(job);
            if (_computed.Contains(stage.Key))
                job.StagesElsewhere++;
        }

        if (job.IsReady)
            MakeReady(job);

        return job;
    }

    public void Remove(WaitingJob job)
    {
        _jobs.Remove(job.Key);
        job.Account.Jobs.Remove(job);
        if (job.IsReady)
            job.Line.Remove(job);

        foreach (var stage in job.Job.Stages)
        {
            var jobs = _byStage[stage.Key];
            jobs.Remove(job);
            if (jobs.Count == 0)
                _byStage.Remove(stage.Key);
        }
    }

    /// <summary>The stages of a lease are being computed: whoever else wants them waits for its end.</summary>
    public void Begin(Lease lease)
    {
        foreach (var stage in lease.Job.Stages)
        {
            _computed.Add(stage.Key);
            foreach (var job in With(stage.Key))
            {
                if (job.StagesElsewhere++ == 0)
                    job.Line.Remove(job);
            }
        }
    }

    public void End(Lease lease)
    {
        foreach (var stage in lease.Job.Stages)
        {
            _computed.Remove(stage.Key);
            foreach (var job in With(stage.Key))
            {
                if (--job.StagesElsewhere == 0)
                    MakeReady(job);
            }
        }
    }

    /// <summary>Learns of a sort of device: jobs that fit it and nothing smaller are a shape of their own from now on.</summary>
    public void Meet(DeviceType type, IEnumerable<Account> accounts)
    {
        if (!_scale.Add(type))
            return;

        foreach (var line in accounts.SelectMany(account => account.Lines))
        {
            var affected = line.Shapes
                .Where(queue => queue.Shape.Level > type.Capacity && (queue.Shape.Kind is null || queue.Shape.Kind == type.Kind))
                .SelectMany(queue => queue.Jobs)
                .Where(job => job.Demand.MemoryBytes <= type.Capacity)
                .ToList();
            foreach (var job in affected)
            {
                line.Remove(job);
                MakeReady(job);
            }
        }
    }

    private static Line LineOf(Account account, int? priority)
    {
        var line = account.Lines.Find(line => line.Priority == priority);
        if (line is null)
            account.Lines.Add(line = new Line(account, priority));

        return line;
    }

    private void MakeReady(WaitingJob job)
    {
        job.Shape = JobShape.Of(job.Demand, _scale);
        job.Line.Add(job);
    }
}
