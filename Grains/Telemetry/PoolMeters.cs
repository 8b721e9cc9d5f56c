using System.Diagnostics.Metrics;

namespace Orchestrator.Grains.Telemetry;

/// <summary>The pool in numbers. Gauges exist in the silo that holds the scheduler, and nowhere else.</summary>
internal static class PoolMeters
{
    private static readonly Counter<long> Granted = TelemetrySource.Meter.CreateCounter<long>(
        "orchestrator.pool.leases.granted", "{lease}", "Leases that were granted.");

    private static readonly Counter<long> Lost = TelemetrySource.Meter.CreateCounter<long>(
        "orchestrator.pool.leases.lost", "{lease}", "Leases whose holder died, hung or could not be told.");

    private static readonly Counter<long> Preempted = TelemetrySource.Meter.CreateCounter<long>(
        "orchestrator.pool.leases.preempted", "{lease}", "Jobs that were asked to make room.");

    private static readonly Histogram<double> Decision = TelemetrySource.Meter.CreateHistogram<double>(
        "orchestrator.pool.decision.duration", "s", "How long the pool took to say what to do next.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1] });

    private static PoolLoad? _load;

    static PoolMeters()
    {
        TelemetrySource.Meter.CreateObservableGauge("orchestrator.pool.devices", Devices, "{device}", "Devices, by state: busy, free, absent.");
        TelemetrySource.Meter.CreateObservableGauge("orchestrator.pool.jobs.waiting", Waiting, "{job}", "Jobs that wait.");
    }

    /// <summary>What gauges show; null: the scheduler is not here (any more).</summary>
    public static PoolLoad? Load
    {
        set => Volatile.Write(ref _load, value);
    }

    public static void LeaseGranted() => Granted.Add(1);

    public static void LeaseLost() => Lost.Add(1);

    public static void AskedToYield(int leases) => Preempted.Add(leases);

    public static void Decided(TimeSpan took) => Decision.Record(took.TotalSeconds);

    private static IEnumerable<Measurement<int>> Devices() => Volatile.Read(ref _load) is { } load
        ?
        [
            new(load.Busy, new KeyValuePair<string, object?>("state", "busy")),
            new(load.Free, new KeyValuePair<string, object?>("state", "free")),
            new(load.Absent, new KeyValuePair<string, object?>("state", "absent")),
        ]
        : [];

    private static IEnumerable<Measurement<int>> Waiting() => Volatile.Read(ref _load) is { } load ? [new(load.Waiting)] : [];
}

/// <summary>How much there is of what at one moment.</summary>
/// <param name="Busy">Devices with a lease.</param>
/// <param name="Free">Devices that are there without one.</param>
/// <param name="Absent">Devices that were there once.</param>
/// <param name="Waiting">Jobs that wait.</param>
public sealed record PoolLoad(int Busy, int Free, int Absent, int Waiting);
