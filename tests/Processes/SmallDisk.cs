using System.ComponentModel;
using System.Diagnostics;

namespace Orchestrator.Processes;

/// <summary>A small file system in memory, which a test can fill.</summary>
public sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    private string Filler => Path.Combine(Folder, "filler");

    /// <summary>Null where the system does not allow it: that needs root, or the right to mount.</summary>
    public static SmallDisk? TryMount(int mebibytes)
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-disk-").FullName;
        if (OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", folder) == 0)
            return new SmallDisk(folder);

        Directory.Delete(folder);
        return null;
    }

    /// <summary>Takes all room that is left.</summary>
    public void Fill()
    {
        var block = new byte[64 << 10];
        try
        {
            using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Empty() => File.Delete(Filler);

    public void Dispose()
    {
        Run("umount", "-l", Folder);
        Directory.Delete(Folder, recursive: true);
    }

    private static int Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        try
        {
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            return -1; // no such program
        }
    }
}
