using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

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
            if (!process.HasExited && !IsZombie(Id) && (Of(process).StartedAt - StartedAt).Duration() < Tolerance)
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

    /// <summary>
    /// Whether it has ended, and only its parent has not asked how: where nobody does, as in a container without an init
    /// process, it would look alive for good.
    /// </summary>
    private static bool IsZombie(int id)
    {
        try
        {
            // PID (NAME) STATE …, where the name may hold anything.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            return stat.AsSpan(stat.LastIndexOf(')') + 1).TrimStart() is ['Z' or 'X', ..];
        }
        catch (IOException)
        {
            return false; // no such system, or it has just gone, which the caller sees
        }
    }
}
