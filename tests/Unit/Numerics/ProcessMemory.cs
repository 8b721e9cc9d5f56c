using System.Globalization;
using System.Runtime.InteropServices;

namespace Orchestrator.Unit.Numerics;

/// <summary>What the kernel says that this process holds (Linux).</summary>
internal static partial class ProcessMemory
{
    /// <summary>Gives back what is free, and counts the peak anew from here on.</summary>
    /// <returns>Bytes held now.</returns>
    /// <exception cref="IOException">This system does not count peaks, or not for this process.</exception>
    public static long ResetPeak()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        _ = Trim(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Peak();
    }

    /// <summary>Most bytes that this process has held since <see cref="ResetPeak"/>.</summary>
    public static long Peak()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }

    // Otherwise what is measured would fill what was freed before, and seem to take nothing.
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
