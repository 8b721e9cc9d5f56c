using System.Diagnostics.Metrics;
using Orchestrator.Abstractions;

namespace Orchestrator.Grains.Telemetry;

/// <summary>A device in numbers, as its process sees it.</summary>
public static class DeviceMeters
{
    private static readonly Counter<long> Tokens = TelemetrySource.Meter.CreateCounter<long>(
        "orchestrator.device.tokens", "{token}", "Tokens, or activation vectors, that runs went through on the device, by device and kind.");

    /// <param name="device"><c>cpu</c>, <c>cuda:0</c>.</param>
    /// <param name="run">Whose tokens they are.</param>
    /// <param name="tokens">Since it was last told.</param>
    public static void Went(string device, StageKey run, long tokens)
    {
        if (tokens > 0)
            Tokens.Add(tokens, new KeyValuePair<string, object?>("device", device), new KeyValuePair<string, object?>("kind", RunMeters.KindOf(run)));
    }
}
