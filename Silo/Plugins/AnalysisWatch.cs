namespace Orchestrator.Silo.Plugins;

/// <summary>
/// Watches an analysis for signs of life: whatever it asks its context for, and the progress that it tells. One that hangs
/// is asked to end by its token first; where it does not, its thread cannot be had back, and its process must end.
/// </summary>
public sealed class AnalysisWatch : IDisposable
{
    private readonly AnalysisLimits _limits;
    private readonly TimeProvider _time;
    private readonly Action<string> _abandon;
    private readonly CancellationTokenSource _stop;
    private readonly ITimer _timer;
    private long _heardAt;
    private int _state;

    /// <param name="limits">How long it may be silent.</param>
    /// <param name="abandon">Called on another thread, with the reason, when it has not ended although it was asked to.</param>
    /// <param name="stop">Stops the analysis for other reasons.</param>
    public AnalysisWatch(AnalysisLimits limits, Action<string> abandon, TimeProvider time, CancellationToken stop)
    {
        (_limits, _abandon, _time) = (limits, abandon, time);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _heardAt = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Look(), null, limits.Silence, Timeout.InfiniteTimeSpan);
    }

    private enum State
    {
        Watching,
        Asked,
        Over,
    }

    /// <summary>Cancelled where the analysis is to end, for whatever reason.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Why it was asked to end; null: it was not, not because it hung.</summary>
    public string? Problem { get; private set; }

    /// <summary>A sign of life.</summary>
    public void Hear() => Interlocked.Exchange(ref _heardAt, _time.GetTimestamp());

    public void Dispose()
    {
        Interlocked.Exchange(ref _state, (int)State.Over);
        _timer.Dispose();
        _stop.Dispose();
    }

    private void Look()
    {
        var silence = _time.GetElapsedTime(Interlocked.Read(ref _heardAt));
        if (silence < _limits.Silence)
        {
            Again(_limits.Silence - silence);
            return;
        }

        Problem = FormattableString.Invariant(
            $"it gave no sign of life for {silence.TotalSeconds:0} s: it asked for nothing and told no progress ({AnalysisLimits.SilenceVariable} sets how long it may)");
        switch ((State)Interlocked.CompareExchange(ref _state, (int)State.Asked, (int)State.Watching))
        {
            case State.Watching:
                Again(_limits.Grace);
                Ask();
                break;
            case State.Asked when Interlocked.CompareExchange(ref _state, (int)State.Over, (int)State.Asked) == (int)State.Asked:
                _abandon(Problem + "; it did not end when it was asked to");
                break;
        }
    }

    private void Ask()
    {
        try
        {
            _stop.Cancel();
        }
        catch (Exception e) when (e is ObjectDisposedException or AggregateException)
        {
            // It ended at this moment, or threw when it was asked to: the next look sees.
        }
    }

    private void Again(TimeSpan after)
    {
        try
        {
            _timer.Change(after, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    }
}
