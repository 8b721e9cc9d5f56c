namespace Orchestrator.Grains.Scheduling.Journal;

/// <summary>How a journal is cut up.</summary>
/// <param name="SegmentSize">A row is full at so many bytes, roughly; every change writes its row again.</param>
/// <param name="LeastSegments">The whole pool is not written before there are so many.</param>
/// <param name="PageRecords">Records on a page of the whole pool, at most.</param>
internal sealed record JournalOptions(int SegmentSize, int LeastSegments, int PageRecords)
{
    public static JournalOptions Default { get; } = new(SegmentSize: 32 * 1024, LeastSegments: 64, PageRecords: 256);
}
