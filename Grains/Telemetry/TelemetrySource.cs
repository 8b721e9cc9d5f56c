using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Orchestrator.Grains.Telemetry;

/// <summary>
/// Where numbers and traces come from. Instruments cost next to nothing while nobody listens: which exporter does is the
/// silo's business.
/// </summary>
public static class TelemetrySource
{
    /// <summary>Of the meter and of the source of traces, for exporters.</summary>
    public const string Name = "Orchestrator";

    internal static Meter Meter { get; } = new(Name);

    internal static ActivitySource Traces { get; } = new(Name);
}
