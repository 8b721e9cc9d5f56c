using System.ComponentModel;
using System.Diagnostics;

namespace Orchestrator.Client.Cluster;

/// <summary>One process for good: an id alone is given to another process one day.</summary>
/// <param name="Id">Process id.</param>
/// <param name="StartedAt">When it started.</param>
public sealed record ProcessMark(int Id, DateTimeOffset StartedAt)
{
    // The kernel counts start times in ticks since boot; converting them twice may differ by one.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    public static ProcessMark Current
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return Of(process);
        }
    }

    public static ProcessMark Of(Process process) => new(process.Id, new DateTimeOffset(process.StartTime).ToUniversalTime());

    /// <summary>The process, where it still runs; the caller disposes.</summary>
    public Process? Find()
    {
        try
        {
            var process = Process.GetProcessById(Id);
            if (!process.HasExited && (Of(process).StartedAt - StartedAt).Duration() < Tolerance)
            {
                return process;
            }

            process.Dispose();
        }
        catch (Exception ex) when (ex is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended, before or while we looked.
        }

        return null;
    }
}
