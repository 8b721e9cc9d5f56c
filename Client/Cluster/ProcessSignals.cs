using System.Runtime.InteropServices;

namespace Orchestrator.Client.Cluster;

/// <summary>What .NET does not offer of POSIX processes.</summary>
internal static class ProcessSignals
{
    private const int Terminate = 15;

    /// <summary>Asks a process to end in good order; false: there is no such process, or it is another user's.</summary>
    public static bool AskToEnd(int processId) => Kill(processId, Terminate) == 0;

    /// <summary>Leaves the terminal: its Ctrl-C and its end reach this process no more.</summary>
    public static void LeaveTerminal() => _ = NewSession();

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);

    [DllImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static extern int NewSession();
}
