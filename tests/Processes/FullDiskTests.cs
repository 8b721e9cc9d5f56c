using System.Diagnostics;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>A store on a file system that is small, and full for a while.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private const int Mebibytes = 160;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _mount = Directory.CreateTempSubdirectory("orchestrator-disk-").FullName;
    private LastingCluster? _cluster;

    public ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux() || Run("mount", "-t", "tmpfs", "-o", $"size={Mebibytes}m", "tmpfs", _mount) != 0)
        {
            Assert.Skip("A small file system cannot be mounted here: that needs root, and a system that allows it.");
        }

        _cluster = new LastingCluster(root: Path.Combine(_mount, "store"));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
            Run("umount", _mount);
        }

        Directory.Delete(_mount, recursive: true);
    }

    [Fact]
    public async Task FullDisk_PausesTheQueue_WhichSaysSo_AndGoesOnByItself()
    {
        var cluster = _cluster!;
        await cluster.Up();
        var id = (await cluster.Run("submit", cluster.Store.LongSpec(128, 256))).GetProperty("id").GetString()!;
        await Eventually.Be(() => cluster.Store.Checkpoints("model").Count > 1, Patience, () => "no checkpoint");
        var filler = Path.Combine(_mount, "filler");
        Fill(filler);

        // It is asked again and again: the state's own file may find no room either, and its grains come back from what was there.
        string text = "";
        await Eventually.Be(
            () =>
            {
                Fill(filler); // what a failed attempt cleared
                var why = InProcess.RunToEnd(["why", id, "--store", cluster.Store.Root, "--json"]).GetAwaiter().GetResult();
                text = why.Output + why.Errors;
                return text.Contains("the store's disk is full", StringComparison.Ordinal);
            },
            Patience,
            () => text);
        Assert.Contains("disk-full", text, StringComparison.Ordinal);
        var show = await cluster.Run("show", id);
        Assert.Equal("running", show.GetProperty("status").GetString());
        Assert.Contains("the store's disk is full", show.ToString(), StringComparison.Ordinal);
        Assert.Equal("disk full", (await cluster.Run("ls"))[0].GetProperty("state").GetString());

        File.Delete(filler);
        await Eventually.Be(() => File.Exists(cluster.Store.Layout.Summary(new(id))), Patience, () => id);
        Assert.Equal("completed", (await cluster.Run("show", id)).GetProperty("status").GetString());
        Assert.NotEmpty(SweepResult.Of(cluster.Store));
    }

    private static void Fill(string path)
    {
        var block = new byte[64 << 10];
        try
        {
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            while (true)
                file.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
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
        catch (System.ComponentModel.Win32Exception)
        {
            return -1; // no such program
        }
    }
}
