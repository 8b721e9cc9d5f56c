using System.Runtime.InteropServices;

namespace Orchestrator.Planning.Artefacts;

/// <summary>Makes files survive the loss of power, not only the loss of a process.</summary>
internal static class DurableFiles
{
    private const int ReadOnlyAccess = 0;

    /// <summary>Writes a file's content to the disk.</summary>
    public static void Flush(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>
    /// Writes a folder's entries to the disk, so that a rename within it is not undone. .NET opens no folders, hence the
    /// system calls; where they are refused (or the system is another) the rename is as durable as the file system makes it.
    /// </summary>
    public static void FlushFolder(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return;
        }

        var descriptor = Open(path, ReadOnlyAccess);
        if (descriptor >= 0)
        {
            _ = Synchronise(descriptor);
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open")]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    private static extern int Synchronise(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
