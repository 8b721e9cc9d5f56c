using Xunit;

namespace Orchestrator.Processes;

/// <summary>A store on a file system that is small, and full for a while.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private const int Mebibytes = 160;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private LastingCluster? _cluster;

    public ValueTask InitializeAsync()
    {
        var disk = SmallDisk.TryMount(Mebibytes);
        if (disk is null)
            Assert.Skip("A small file system cannot be mounted here: that needs root, and a system that allows it.");

        _cluster = new LastingCluster(disk: disk);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _cluster?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task FullDisk_PausesTheQueue_WhichSaysSo_AndGoesOnByItself()
    {
        var cluster = _cluster!;
        await cluster.Up();
        var id = (await cluster.Run("submit", cluster.Store.LongSpec(128, 256))).GetProperty("id").GetString()!;
        await Eventually.Be(() => cluster.Store.Checkpoints("model").Count > 1, Patience, () => "no checkpoint");
        cluster.Disk!.Fill();

        await UntilWhySays("disk-full", id); // what the failed attempt cleared leaves room for the state's own file
        var show = await cluster.Run("show", id);
        Assert.Equal("running", show.GetProperty("status").GetString());
        Assert.Contains("disk is full", show.ToString(), StringComparison.Ordinal);
        Assert.Equal("disk full", (await cluster.Run("ls"))[0].GetProperty("state").GetString());

        cluster.Disk.Fill();
        await UntilWhySays("disk is full", id); // also where not even the state's own file finds room

        cluster.Disk.Empty();
        await Eventually.Be(() => File.Exists(cluster.Store.Layout.Summary(new(id))), Patience, () => id);
        Assert.Equal("completed", (await cluster.Run("show", id)).GetProperty("status").GetString());
        Assert.NotEmpty(SweepResult.Of(cluster.Store));
    }

    /// <summary>Asked again and again: before it says so, an attempt must have failed.</summary>
    private Task UntilWhySays(string expected, string id) => Eventually.Answer(
        async () => (await _cluster!.End("why", id)).Transcript, said => said.Contains(expected, StringComparison.Ordinal), Patience, said => said);
}
