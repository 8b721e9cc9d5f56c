using System.Diagnostics;
using System.Globalization;
using Orchestrator.Client;
using Orchestrator.Client.Cluster;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Unit.Client;

public sealed class ClusterFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-cluster-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Lock_IsHeldByOneAndGivenBack()
    {
        var layout = new StoreLayout(_folder);
        var first = StoreLock.TryTake(layout);
        Assert.NotNull(first);
        Assert.Null(StoreLock.TryTake(layout));
        first.Dispose();
        using var second = StoreLock.TryTake(layout);
        Assert.NotNull(second);
    }

    [Fact]
    public void Mark_OfAnotherProcessWithThatId_IsNotFound()
    {
        using var found = ProcessMark.Current.Find();
        Assert.NotNull(found);
        Assert.Null((ProcessMark.Current with { StartedAt = DateTimeOffset.UnixEpoch }).Find());
    }

    [Fact]
    public async Task Mark_OfAProcessThatEndedUnnoticed_IsNotFound()
    {
        // The shell never asks how its child ended: that stays in the list of processes as long as the shell does.
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"]) { RedirectStandardOutput = true })!;
        try
        {
            var child = int.Parse((await shell.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            using var process = Process.GetProcessById(child);
            var mark = ProcessMark.Of(process);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (mark.Find() is { } alive)
            {
                alive.Dispose();
                await timer.WaitForNextTickAsync(limit.Token);
            }

            Assert.True(Directory.Exists($"/proc/{child}"), "The child was waited for: this was no test.");
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public void ClusterFile_RoundTripsAndATornOneIsNone()
    {
        var path = Path.Combine(_folder, "cluster.json");
        Assert.Null(ClusterFile.Read(path));
        var file = new ClusterFile { ClusterId = "c", Client = ProcessMark.Current, GatewayPort = 7, Silos = [new SiloMark("control", 8, ProcessMark.Current)] };
        file.Write(path);
        Assert.Equal(file.Silos[0], Assert.Single(ClusterFile.Read(path)!.Silos));
        File.WriteAllText(path, "{");
        Assert.Null(ClusterFile.Read(path));
    }

    [Fact]
    public void Log_ThatGrowsTooLong_IsSetAsideOnce()
    {
        var path = Path.Combine(_folder, "logs", "a.log");
        using (var log = new LogFile(path, maxBytes: 20))
        {
            log.Append("the first line is long");
            log.Append("second");
            Assert.Equal(["the first line is long", "second"], log.Tail);
        }

        Assert.Equal("second", File.ReadAllText(path).Trim());
        Assert.Equal("the first line is long", File.ReadAllText(path + ".1").Trim());
    }

    [Fact]
    public void Ports_AreDifferent() => Assert.Equal(8, LoopbackPorts.Take(8).Distinct().Count());

    [Fact]
    public void Installation_ThatIsMissing_IsOneMessageWithBothPlaces()
    {
        var failure = Assert.Throws<CommandFailure>(() => SiloInstallation.Find(_folder));
        Assert.Contains(Path.Combine(_folder, "silo"), failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, failure.ExitCode);
    }
}
