namespace Orchestrator.Grains.Scheduling.Devices;

/// <summary>When a device is expected to be free.</summary>
/// <param name="At">The minimum: now. The maximum: nobody can say.</param>
internal readonly record struct Availability(DateTimeOffset At)
{
    public static Availability Free { get; } = new(DateTimeOffset.MinValue);

    /// <summary>Its job was asked to make room and does so as soon as it has a checkpoint.</summary>
    public static Availability Soon { get; } = new(DateTimeOffset.MinValue.AddTicks(1));

    public static Availability Unknown { get; } = new(DateTimeOffset.MaxValue);

    /// <summary>A time on the clock; null where nobody can say. A job that overran its estimate may end any moment.</summary>
    public DateTimeOffset? Expected(DateTimeOffset now) => this == Unknown ? null : At > now ? At : now;
}
