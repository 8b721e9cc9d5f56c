using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Processes;

/// <summary>Signals to processes.</summary>
internal static class Signals
{
    public static void Send(string name, int processId)
    {
        using var kill = Process.Start("kill", [$"-{name}", processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
