namespace Orchestrator.Cluster;

/// <summary>The real time, whose timers can be silenced.</summary>
internal sealed class PausableTime : TimeProvider
{
    private volatile bool _paused;

    public void Pause() => _paused = true;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(
        inner =>
        {
            if (!_paused)
                callback(inner);
        },
        state,
        dueTime,
        period);
}
