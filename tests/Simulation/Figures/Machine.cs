using System.Runtime.InteropServices;

namespace Orchestrator.Simulation.Figures;

/// <summary>The machine that times were taken on.</summary>
internal static class Machine
{
    public static string Describe()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        return $"{model ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} threads, one of them used, {RuntimeInformation.FrameworkDescription}";
    }
}
