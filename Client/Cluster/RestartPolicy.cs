namespace Orchestrator.Client.Cluster;

/// <summary>
/// When a silo that died is started again: at once the first time, then after 1, 2, 4 … seconds, and no more when it died
/// <see cref="MaxRestarts"/> times within <see cref="Window"/>, as it would die again.
/// </summary>
public sealed class RestartPolicy(TimeProvider time)
{
    public const int MaxRestarts = 6;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly Queue<DateTimeOffset> _deaths = new();

    /// <summary>Notes a death. How long to wait before the next start; null: give up.</summary>
    public TimeSpan? NoteDeath()
    {
        var now = time.GetUtcNow();
        while (_deaths.TryPeek(out var oldest) && now - oldest > Window)
        {
            _deaths.Dequeue();
        }

        var recent = _deaths.Count;
        _deaths.Enqueue(now);
        if (recent >= MaxRestarts)
        {
            return null;
        }

        var seconds = recent == 0 ? 0 : Math.Pow(2, recent - 1);
        return TimeSpan.FromSeconds(Math.Min(seconds, LongestDelay.TotalSeconds));
    }
}
