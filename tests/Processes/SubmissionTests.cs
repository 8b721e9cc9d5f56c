using System.Text.Json;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>Experiments that are handed to a cluster and left alone.</summary>
public sealed class SubmissionTests : IAsyncLifetime
{
    private readonly LastingCluster _cluster = new();

    public async ValueTask InitializeAsync() => await _cluster.Up();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task FiftySubmitsAtOnce_MakeOneExperiment_WhichOutlivesTheControlSilo()
    {
        var spec = _cluster.Store.ShortSpec(128, 256);
        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Submit(spec))));

        // Acknowledged is durable: the silo that said so is killed before it could do anything else.
        Signals.Send("KILL", _cluster.File.Silos.Single(silo => silo.Name == "control").Process.Id);
        var id = Assert.Single(ids.Distinct());
        var all = await _cluster.Run("ls");
        Assert.Equal(id, Assert.Single(all.EnumerateArray()).GetProperty("id").GetString());
        var watched = await _cluster.Run("watch", id);
        Assert.Equal("completed", watched.GetProperty("status").GetString());

        // An extended spec of the same name: the dictionary, the report of its features, the splitting over all sizes.
        var more = await _cluster.Run("submit", _cluster.Store.ShortSpec(128, 192, 256));
        Assert.Equal(3, more.GetProperty("new").GetArrayLength());
        Assert.Equal(0, more.GetProperty("shared").GetArrayLength());
        Assert.Equal(id, more.GetProperty("earlier").GetString());
        var extended = await _cluster.Run("watch", more.GetProperty("id").GetString()!);
        Assert.Equal(3, extended.GetProperty("computed_stages").GetInt32());
    }

    [Fact]
    public async Task PausedExperiment_Waits_IsExplained_AndCanBeResumedAndCancelled()
    {
        var id = (await _cluster.Run("submit", _cluster.Store.LongSpec(128, 256))).GetProperty("id").GetString()!;
        var watch = _cluster.Start("watch", id);
        await _cluster.UntilTrains("model", watch);
        await Eventually.Be(() => watch.HasExited || watch.Errors.Contains("running", StringComparison.Ordinal), TimeSpan.FromMinutes(1), () => watch.Transcript);
        watch.Signal("INT");
        Assert.True(await watch.WaitForExit() == 130, watch.Transcript);
        Assert.Contains($"Detached; {id} goes on", watch.Errors, StringComparison.Ordinal);

        var paused = await _cluster.Run("pause", id[..7]);
        Assert.True(paused.GetProperty("paused").GetBoolean());
        var why = await Until(() => _cluster.Run("why", id), answers => answers.EnumerateArray().Any(IsQueued));
        var queued = why.EnumerateArray().First(IsQueued);
        Assert.StartsWith("model-", queued.GetProperty("run").GetString(), StringComparison.Ordinal);
        Assert.Equal("paused", queued.GetProperty("waits").GetProperty("reason").GetString());
        Assert.Contains(why.EnumerateArray(), answer => answer.GetProperty("status").GetString() == "blocked" && answer.GetProperty("text").GetString()!.StartsWith("needs model seed 1", StringComparison.Ordinal));
        var run = Assert.Single((await _cluster.Run("why", queued.GetProperty("run").GetString()!.Split('-')[1])).EnumerateArray());
        Assert.Equal(queued.GetProperty("run").GetString(), run.GetProperty("run").GetString());

        await _cluster.Run("set", id, "priority", "-5");
        await _cluster.Run("set", id, "weight", "2.5");
        var set = await _cluster.Run("set", id, "max-devices", "3");
        Assert.Equal((-5, 2.5, 3), (set.GetProperty("priority").GetInt32(), set.GetProperty("weight").GetDouble(), set.GetProperty("max_devices").GetInt32()));
        var wrong = await _cluster.End("set", id, "priority", "2000");
        Assert.Equal(2, await wrong.WaitForExit());
        Assert.Contains("from -1000 to 1000", wrong.Errors, StringComparison.Ordinal);

        Assert.False((await _cluster.Run("resume", id)).GetProperty("paused").GetBoolean());
        await Until(() => _cluster.Run("ls"), all => all[0].GetProperty("state").GetString() == "running");
        await _cluster.Run("cancel", id);
        await _cluster.UntilExperimentIs("cancelled");
        var again = await _cluster.End("cancel", id);
        Assert.Equal(2, await again.WaitForExit());
        Assert.Contains("has been cancelled", again.Errors, StringComparison.Ordinal);
        var retry = await _cluster.End("retry", id, "--failed");
        Assert.Equal(2, await retry.WaitForExit());
        Assert.Contains("submit its spec again", retry.Errors, StringComparison.Ordinal);
    }

    private static bool IsQueued(JsonElement answer) => answer.GetProperty("status").GetString() == "queued" && answer.TryGetProperty("waits", out _);

    private static Task<JsonElement> Until(Func<Task<JsonElement>> ask, Func<JsonElement, bool> isIt) =>
        Eventually.Answer(ask, isIt, TimeSpan.FromMinutes(1), answer => answer.ToString());

    /// <summary>A command in this process: fifty processes would wait for each other's start.</summary>
    private async Task<string> Submit(string spec)
    {
        var (code, output, errors) = await InProcess.RunToEnd(["submit", spec, "--store", _cluster.Store.Root, "--json"]);
        Assert.True(code == 0, errors);
        return JsonDocument.Parse(output).RootElement.GetProperty("id").GetString()!;
    }
}
