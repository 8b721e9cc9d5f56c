using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling;
using Orchestrator.Grains.Scheduling.Decisions;
using Orchestrator.Grains.Scheduling.Journal;
using Orchestrator.Grains.Scheduling.Records;
using Orleans.Storage;
using Xunit;
using static Orchestrator.Unit.Grains.Scheduling.TestPool;

namespace Orchestrator.Unit.Grains.Scheduling;

/// <summary>What was acknowledged is there after a crash at any write; nothing else is; and there is one writer.</summary>
public sealed class JournalTests
{
    private static readonly GrainId Scheduler = GrainId.Create("scheduler", "default");
    private static readonly JournalOptions Tiny = new(SegmentSize: 1_500, LeastSegments: 3, PageRecords: 4);

    private readonly RecordingStorage _storage = new();
    private readonly ManualTime _time = new();
    private readonly SchedulingOptions _options = new();
    private PagesRef? _root;

    [Fact]
    public async Task Crash_AtAnyWrite_LosesNothingThatWasAcknowledged()
    {
        for (var crash = 2; crash < 90; crash += 1)
        {
            var test = new JournalTests { _storage = { FailAfter = crash, SwallowLastAnswer = crash % 2 == 0 } };
            await test.CrashAndRecover();
        }
    }

    [Fact]
    public async Task Change_IsASmallWrite_HoweverLongTheQueue()
    {
        var scheduler = await Open(JournalOptions.Default);
        for (var i = 0; i < 3_000; i++)
            scheduler.Pool.Enqueue(Job("a", $"dictionary-{i}"));

        await scheduler.Commit();
        await WriteWhole(scheduler);
        var before = _storage.Writes;
        scheduler.Pool.Enqueue(Job("b", "model-1"));
        await scheduler.Commit();
        Assert.Equal(1, _storage.Writes - before);

        var small = new RecordingStorage();
        var journal = new PoolJournal(small, Scheduler, JournalOptions.Default);
        journal.Turn();
        await journal.Append(new PoolChanges { Queued = [new QueueRecord(Job("b", "model-1"), 1, default, null)] });
        Assert.InRange(small.LargestWrite, 1, 1_000);
    }

    [Fact]
    public async Task Rows_AreUsedAgain()
    {
        var scheduler = await Open(Tiny);
        var rows = new List<int>();
        for (var round = 0; round < 12; round++)
        {
            for (var i = 0; i < 10; i++)
            {
                scheduler.Pool.Enqueue(Job("a", $"dictionary-{round}-{i}"));
                await scheduler.Commit();
            }

            scheduler.Pool.Cancel(Id("a"));
            await scheduler.Commit();
            await WriteWhole(scheduler);
            rows.Add(_storage.Rows);
        }

        Assert.Equal(rows[3], rows[^1]);
    }

    [Fact]
    public async Task TwoSchedulers_OnlyTheLaterOneWrites()
    {
        var first = await Open(Tiny);
        first.Pool.Enqueue(Job("a", "dictionary-1"));
        await first.Commit();

        var second = await Open(Tiny);
        first.Pool.Enqueue(Job("a", "dictionary-2"));
        await Assert.ThrowsAsync<InconsistentStateException>(first.Commit);
        second.Pool.Enqueue(Job("a", "dictionary-3"));
        await second.Commit();

        var third = await Open(Tiny);
        Assert.Equal(["dictionary-1", "dictionary-3"], third.Pool.Status().Queued.Select(job => job.Id));
    }

    [Fact]
    public async Task TwoSchedulers_ThatBothOpenTheNextSegment_DoNotOverwriteEachOther()
    {
        var first = await Open(Tiny);
        await WriteWhole(first);
        var second = await Open(Tiny);
        first.Pool.Enqueue(Job("a", "dictionary-1"));
        await first.Commit();
        second.Pool.Enqueue(Job("a", "dictionary-2"));
        await Assert.ThrowsAsync<InconsistentStateException>(second.Commit);
        Assert.Equal(["dictionary-1"], (await Open(Tiny)).Pool.Status().Queued.Select(job => job.Id));
    }

    [Fact]
    public async Task MissingPage_IsAnErrorThatNamesIt()
    {
        await Open(Tiny);
        var journal = new PoolJournal(_storage, Scheduler, Tiny);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => journal.Read(_root! with { Count = 99 }));
        Assert.Contains("of 99 of the queue is missing", error.Message);
    }

    private async Task CrashAndRecover()
    {
        var acknowledged = new HashSet<string>();
        var inDoubt = new HashSet<string>();
        var epoch = 0L;
        try
        {
            var scheduler = await Open(Tiny);
            scheduler.Pool.Register(new DeviceInfo("cuda:0", Guid.NewGuid()));
            for (var i = 0; i < 40; i++)
            {
                var name = $"dictionary-{i}";
                scheduler.Pool.Enqueue(Job("a", name));
                inDoubt.Add(name);
                await scheduler.Commit();
                inDoubt.Remove(name);
                acknowledged.Add(name);
                if (scheduler.Pool.Next() is StartDecision start)
                {
                    epoch = scheduler.Pool.Grant(start, start.Job.Stages).Epoch;
                    await scheduler.Commit();
                    acknowledged.Remove(start.Job.Id);
                    Assert.True(scheduler.Pool.Release("cuda:0", scheduler.Pool.Status().Leases[0].Device.Incarnation, epoch));
                    await scheduler.Commit();
                }

                if (i % 7 == 6)
                    await WriteWhole(scheduler);
            }
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            // The disk is full, or the process died before it heard.
        }

        _storage.FailAfter = int.MaxValue;
        var recovered = (await Open(Tiny)).Pool;
        var known = recovered.Status().Queued.Concat(recovered.Status().Leases.Select(lease => lease.Job).OfType<JobRequest>())
            .Select(job => job.Id).ToHashSet();
        Assert.Empty(acknowledged.Except(known));
        Assert.True(known.Except(acknowledged).Count() <= 1, "at most the one change in doubt");
        Assert.True(_root is null || recovered.Status().Leases.All(lease => lease.Epoch >= epoch - 1), "epochs do not fall back");
    }

    private async Task<OpenScheduler> Open(JournalOptions options)
    {
        var journal = new PoolJournal(_storage, Scheduler, options);
        var records = _root is { } pages ? await journal.Read(pages) : new PoolRecords();
        var scheduler = new OpenScheduler(journal, new DevicePool(records, _options, _time));
        if (_root is null)
            await WriteWhole(scheduler);

        return scheduler;
    }

    /// <summary>As the grain does it, the root being one more write.</summary>
    private async Task WriteWhole(OpenScheduler scheduler)
    {
        if (scheduler.Journal.Generation <= (_root?.Generation ?? 0))
            scheduler.Journal.Turn();

        var pages = await scheduler.Journal.WritePages([.. scheduler.Pool.Whole(Tiny.PageRecords)]);
        var before = _root;
        if (_storage.Writes >= _storage.FailAfter)
            throw new IOException("No space left on device.");

        _root = pages;
        if (before is not null)
            await scheduler.Journal.Clear(before);
    }

    private sealed record OpenScheduler(PoolJournal Journal, DevicePool Pool)
    {
        public Task Commit() => Pool.TakeChanges() is { } changes ? Journal.Append(changes) : Task.CompletedTask;
    }
}
