namespace Orchestrator.Silo.Devices;

/// <summary>When the scheduler last answered the device. Safe for use from many threads.</summary>
public sealed class DevicePulse(TimeProvider time)
{
    private const long Never = long.MinValue;

    private long _heard = Never;

    /// <summary>Since the last answer; null: there was none yet.</summary>
    public TimeSpan? Silence => Interlocked.Read(ref _heard) is var heard and not Never ? time.GetElapsedTime(heard) : null;

    public void Beat() => Interlocked.Exchange(ref _heard, time.GetTimestamp());
}
