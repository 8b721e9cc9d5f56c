using Orchestrator.Abstractions;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>Processes that die in the middle of training.</summary>
public sealed class KillTests(DisturbedExperiment experiment, UndisturbedRuns runs) : IClassFixture<DisturbedExperiment>
{
    [Fact]
    public void KilledClient_TakesItsSilosWithIt() => Assert.Empty(experiment.SurvivorsOfClient);

    [Fact]
    public async Task InterruptedRun_SaysHowToGoOn()
    {
        Assert.True(await experiment.Interrupted.WaitForExit() == 130, experiment.Interrupted.Transcript);
        Assert.Contains($"run {experiment.Spec} --store {experiment.Store.Root}", experiment.Interrupted.Errors, StringComparison.Ordinal);
        Assert.Empty(experiment.SurvivorsOfInterrupt);
    }

    [Fact]
    public async Task SecondRunOnAStore_IsToldAtOnce()
    {
        Assert.Equal(1, await experiment.Second.WaitForExit());
        Assert.Contains($"Process {experiment.Interrupted.Id} already runs a cluster", experiment.Second.Errors, StringComparison.Ordinal);
        Assert.True(await experiment.Asked.WaitForExit() == 0, experiment.Asked.Transcript);
        Assert.Equal("running", experiment.Asked.Json[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task KilledGpuSilo_CostsAttemptsAndNotTheRun()
    {
        Assert.True(await experiment.Last.WaitForExit() == 0, experiment.Last.Transcript);
        Assert.Equal("completed", experiment.Last.Json.GetProperty("status").GetString());
        Assert.True(experiment.Last.Json.GetProperty("cached_stages").GetInt32() > 0); // from before the interruption
        await using var show = await ClientProcess.Run("show", experiment.Last.Json.GetProperty("id").GetString()!, "--store", experiment.Store.Root, "--json");
        Assert.True(await show.WaitForExit() == 0, show.Transcript);
        var attempts = show.Json.GetProperty("stages").EnumerateArray().ToLookup(
            stage => stage.GetProperty("key").GetString()!.Split('-')[0], stage => stage.GetProperty("attempts").GetInt32());
        Assert.True(Assert.Single(attempts["model"]) >= 4, show.Transcript); // the client killed, interrupted; the silo killed; the last
        Assert.All(attempts["dictionary"], count => Assert.True(count >= 2, show.Transcript));
    }

    [Fact]
    public async Task DisturbedRun_EndsInTheSameBits()
    {
        Assert.True(await experiment.Last.WaitForExit() == 0, experiment.Last.Transcript);
        (await runs.Of(experiment.Spec)).RequireSameBits(experiment.Last.Json, experiment.Store);
    }

    [Fact]
    public async Task OneMoreDictionarySize_ComputesOnlyThatAndWhatTakesIt()
    {
        Assert.True(await experiment.Last.WaitForExit() == 0, experiment.Last.Transcript);
        var before = Keys("dictionaries").Concat(Keys("models")).ToDictionary(key => key, Files);
        await using var more = await ClientProcess.Run("run", experiment.Store.ShortSpec(128, 160, 192, 256), "--store", experiment.Store.Root, "--json");
        Assert.True(await more.WaitForExit() == 0, more.Transcript);

        // The dictionary, the report of its features, and the splitting over all sizes.
        Assert.Equal(3, more.Json.GetProperty("computed_stages").GetInt32());
        Assert.Equal(
            [128, 160, 192, 256], more.Json.GetProperty("dictionaries").EnumerateArray().Select(dictionary => dictionary.GetProperty("feature_count").GetInt32()));
        Assert.Equal(4, before.Count);
        Assert.All(before, pair => Assert.Equal(pair.Value, Files(pair.Key)));
    }

    private List<StageKey> Keys(string list) =>
        [.. experiment.Last.Json.GetProperty(list).EnumerateArray().Select(item => new StageKey(item.GetProperty("id").GetString()!))];

    /// <summary>The files of an artefact, and when each was written.</summary>
    private List<(string Name, DateTime WrittenAt)> Files(StageKey key) =>
        [.. new DirectoryInfo(experiment.Store.Layout.Artefact(key)).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal)
            .Select(file => (file.Name, file.LastWriteTimeUtc))];
}
