using System.Globalization;

namespace Orchestrator.Client.Cluster;

/// <summary>Processes that the kernel ended because memory had run out: a number that only grows.</summary>
internal static class OutOfMemoryKills
{
    private const string Host = "/proc/vmstat";
    private const string Key = "oom_kill ";

    /// <summary>Of the whole host, since its start; null where the system does not say.</summary>
    public static long? Count()
    {
        try
        {
            var line = File.ReadLines(Host).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
            return long.TryParse(line.AsSpan(line is null ? 0 : Key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
