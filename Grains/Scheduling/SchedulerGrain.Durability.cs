using Orchestrator.Grains.Scheduling.Journal;
using Orchestrator.Grains.Scheduling.Records;

namespace Orchestrator.Grains.Scheduling;

/// <content>What is durable before anybody hears of it.</content>
public sealed partial class SchedulerGrain
{
    private PoolJournal _journal = null!;
    private Task _writing = Task.CompletedTask;

    private async Task<PoolRecords> ReadRecords() => State.Pages is { } pages
        ? await _journal.Read(pages)
        : PoolRecords.FromWhole(State.LastEpoch, State.Queue, State.Devices.Values, time.GetUtcNow());

    /// <summary>
    /// Makes durable what changed; false: nothing did. Where that fails, memory is ahead of the disk and nobody retries:
    /// the activation ends, and the next call reads again what is true.
    /// </summary>
    private async Task<bool> Commit()
    {
        if (_pool.TakeChanges() is not { } changes)
            return false;

        try
        {
            await _journal.Append(changes);
            return true;
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>In the background: decisions go on, into the journal of the next generation.</summary>
    private void WriteWholeIfLong()
    {
        // Ahead of the root: an earlier attempt was cut short, and its generation is still without pages.
        var isAhead = _journal.Generation > State.Pages!.Generation;
        if (_writing.IsCompleted && (isAhead || _journal.IsLong))
            _writing = WriteWholeLater(isAhead);
    }

    private async Task WriteWholeLater(bool isAhead)
    {
        try
        {
            await WriteWhole(isAhead);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotWritten(e); // the journal has everything; tried again at a later tick
        }
    }

    private async Task WriteWhole(bool isAhead = false)
    {
        if (!isAhead)
            _journal.Turn();

        // Taken in one turn; written in many.
        var whole = _pool.Whole(JournalOptions.Default.PageRecords).ToList();
        var pages = await _journal.WritePages(whole);
        var before = State.Pages;
        State.Pages = pages;
        State.Queue = [];
        State.Devices = [];
        await Save();
        if (before is not null)
            await _journal.Clear(before);
    }
}
