namespace Orchestrator.Client.Cluster;

/// <summary>
/// When a silo that died is started again: at once the first time, then after 1, 2, 4 … seconds. One that died
/// <see cref="MaxRestarts"/> times within <see cref="Window"/> before it served at all is not, as it would die again.
/// </summary>
/// <remarks>
/// One that had served died of its work, or of somebody: the run that takes it down is quarantined after its third time,
/// and the others go on. So it is always started again, and soon enough that the lease of its job has not ended: only then
/// is it known of what the job's process died. A control silo is no exception: the whole cluster would end with it.
/// </remarks>
public sealed class RestartPolicy(TimeProvider time)
{
    public const int MaxRestarts = 6;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(3);

    /// <summary>After one that had served; well below a lease's time.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly Queue<DateTimeOffset> _starts = new();
    private readonly Queue<DateTimeOffset> _works = new();

    /// <summary>Notes a death. How long to wait before the next start; null: give up.</summary>
    /// <param name="wasReady">It had served before.</param>
    public TimeSpan? NoteDeath(bool wasReady)
    {
        var recent = Note(wasReady ? _works : _starts);
        if (wasReady)
        {
            return Delay(recent, LongestPause);
        }

        return recent >= MaxRestarts ? null : Delay(recent, LongestDelay);
    }

    private static TimeSpan Delay(int recent, TimeSpan most) =>
        recent == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(recent, 10) - 1), most.TotalSeconds));

    /// <returns>Deaths of that kind before it, within the window.</returns>
    private int Note(Queue<DateTimeOffset> deaths)
    {
        var now = time.GetUtcNow();
        while (deaths.TryPeek(out var oldest) && now - oldest > Window)
        {
            deaths.Dequeue();
        }

        deaths.Enqueue(now);
        return deaths.Count - 1;
    }
}
