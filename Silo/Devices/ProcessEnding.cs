using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Orchestrator.Silo.Devices;

/// <summary>The end of this process when a thread of it cannot be had back.</summary>
internal static class ProcessEnding
{
    /// <summary>What a supervisor sees: none of the codes of an end in good order, and no signal.</summary>
    public const int Code = 70;

    /// <summary>Without finalisers and exit handlers: one of them could wait for the thread that hangs.</summary>
    [DoesNotReturn]
    public static void AtOnce()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
            Exit(Code);

        Environment.Exit(Code);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void Exit(int code);
}
