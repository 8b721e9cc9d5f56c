using Orchestrator.Grains.Scheduling.Records;
using Orleans.Storage;

namespace Orchestrator.Grains.Scheduling.Journal;

/// <summary>
/// Keeps a pool durable in rows of a grain storage. A change is one write of a few kilobytes, however long the queue is;
/// it is whole or not there. Now and then the whole pool is written to pages beside the rows in force, and the
/// journal begins anew.
/// </summary>
/// <remarks>
/// A generation is its pages and the changes that followed. Its changes begin before its pages are complete, and may
/// already be in them: to apply a change twice does no harm, since records replace each other by key. Until the root
/// names the new pages, the generation before counts with its pages, its changes, and those of the new one.
/// Whoever reads a journal writes its last row again, so that another scheduler that believes to be the one
/// fails at its next write; its pages have names of their own, so that they spoil none that count.
/// </remarks>
internal sealed class PoolJournal(IGrainStorage storage, GrainId scheduler, JournalOptions options)
{
    private readonly string _writer = Guid.NewGuid().ToString("N")[..8];
    private readonly Dictionary<string, GrainState<JournalPart>> _rows = [];
    private int _segment = -1;
    private int _segmentSize;
    private int _segments;
    private long _wholeSize;

    /// <summary>The generation whose changes are being written; its pages may not count yet.</summary>
    public long Generation { get; private set; }

    /// <summary>Whether so much has changed that writing the whole pool pays.</summary>
    public bool IsLong => _segments >= Math.Max(options.LeastSegments, _wholeSize / options.SegmentSize);

    /// <summary>Reads what is durable, and shuts out any other scheduler that still writes.</summary>
    /// <exception cref="InvalidDataException">A page is missing.</exception>
    public async Task<PoolRecords> Read(PagesRef pages)
    {
        var records = new PoolRecords();
        for (var page = 0; page < pages.Count; page++)
        {
            var part = await ReadRow(pages.Name(page));
            if (part.Generation != pages.Generation)
                throw new InvalidDataException($"Page {page + 1} of {pages.Count} of the queue is missing: generation {pages.Generation} was expected, {part.Generation} was found.");

            Apply(part, records);
            _rows.Remove(pages.Name(page));
        }

        _wholeSize = records.Size;
        await ReadSegments(pages.Generation, records);
        await ReadSegments(pages.Generation + 1, records);
        if (_segment >= 0)
            await Write(SegmentName(_segment));

        return records;
    }

    /// <summary>Makes changes durable.</summary>
    public async Task Append(PoolChanges changes)
    {
        var size = changes.Size;
        if (_segment < 0 || _segmentSize + size > options.SegmentSize)
            await OpenSegment(_segment + 1);

        _rows[SegmentName(_segment)].State!.Changes.Add(changes);
        _segmentSize += size;
        await Write(SegmentName(_segment));
    }

    /// <summary>Begins the next generation: what changes from here on follows pages that are still to be written.</summary>
    public void Turn() => Begin(Generation + 1);

    /// <summary>Writes a whole pool beside what counts.</summary>
    /// <param name="whole">The pool as it is, or was at any time since this generation began.</param>
    /// <returns>What the root must name for it to count.</returns>
    public async Task<PagesRef> WritePages(IReadOnlyList<PoolChanges> whole)
    {
        var pages = new PagesRef(Generation, _writer, whole.Count);
        for (var page = 0; page < whole.Count; page++)
        {
            var row = await ReadRowState(pages.Name(page));
            row.State = new JournalPart { Generation = pages.Generation, Changes = [whole[page]] };
            await Write(pages.Name(page));
            _rows.Remove(pages.Name(page));
        }

        _wholeSize = whole.Sum(part => (long)part.Size);
        return pages;
    }

    /// <summary>Empties the rows of pages that count no more and that this writer will not write again.</summary>
    public async Task Clear(PagesRef pages)
    {
        if (pages.Writer == _writer)
            return;

        for (var page = 0; page < pages.Count; page++)
        {
            var row = await ReadRowState(pages.Name(page));
            if (row.RecordExists)
                await storage.ClearStateAsync(pages.Name(page), scheduler, row);

            _rows.Remove(pages.Name(page));
        }
    }

    private static void Apply(JournalPart part, PoolRecords records) => part.Changes.ForEach(records.Apply);

    private string SegmentName(int segment) => $"scheduler-journal-{Generation % 2}-{segment}";

    private void Begin(long generation)
    {
        Generation = generation;
        (_segment, _segmentSize, _segments) = (-1, 0, 0);
        _rows.Clear();
    }

    /// <summary>Reads the changes of a generation, if there are any, and goes on writing there.</summary>
    private async Task ReadSegments(long generation, PoolRecords records)
    {
        var before = (Generation, _segment, _segmentSize, _segments, Rows: _rows.ToDictionary());
        Begin(generation);
        while (true)
        {
            var part = await ReadRow(SegmentName(_segment + 1));
            if (part.Generation != generation)
                break;

            Apply(part, records);
            _segment++;
            _segments++;
            _segmentSize = part.Changes.Sum(changes => changes.Size);
        }

        if (_segment >= 0 || before.Generation == 0)
            return;

        // There is nothing yet of the following generation: the one before goes on.
        Begin(before.Generation);
        (_segment, _segmentSize, _segments) = (before._segment, before._segmentSize, before._segments);
        foreach (var (name, row) in before.Rows)
            _rows[name] = row;
    }

    private async Task OpenSegment(int segment)
    {
        var name = SegmentName(segment);
        var row = _rows.GetValueOrDefault(name) ?? await ReadRowState(name);
        if (row.State!.Generation == Generation)
            throw new InconsistentStateException($"Another scheduler has written {name} of generation {Generation}.");

        row.State = new JournalPart { Generation = Generation };
        _rows.Remove(SegmentName(_segment));
        (_segment, _segmentSize) = (segment, 0);
        _segments++;
    }

    private async Task<JournalPart> ReadRow(string name) => (await ReadRowState(name)).State!;

    private async Task<GrainState<JournalPart>> ReadRowState(string name)
    {
        var row = new GrainState<JournalPart> { State = new JournalPart() };
        await storage.ReadStateAsync(name, scheduler, row);
        row.State ??= new JournalPart();
        _rows[name] = row;
        return row;
    }

    private Task Write(string name) => storage.WriteStateAsync(name, scheduler, _rows[name]);
}
