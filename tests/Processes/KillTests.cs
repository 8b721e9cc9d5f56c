using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>Processes that die in the middle of training.</summary>
public sealed class KillTests(DisturbedExperiment experiment) : IClassFixture<DisturbedExperiment>
{
    /// <summary>The summary of the run whose processes were left alone.</summary>
    private JsonElement Undisturbed => experiment.UndisturbedRun.Json;

    [Fact]
    public void KilledClient_TakesItsSilosWithIt() => Assert.Empty(experiment.SurvivorsOfClient);

    [Fact]
    public async Task InterruptedRun_SaysHowToGoOn()
    {
        Assert.True(await experiment.Interrupted.WaitForExit() == 130, experiment.Interrupted.Transcript);
        Assert.Contains($"run {experiment.Spec} --store {experiment.Disturbed.Root}", experiment.Interrupted.Errors, StringComparison.Ordinal);
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
        await using var show = await ClientProcess.Run("show", experiment.Last.Json.GetProperty("id").GetString()!, "--store", experiment.Disturbed.Root, "--json");
        Assert.True(await show.WaitForExit() == 0, show.Transcript);
        var attempts = show.Json.GetProperty("stages").EnumerateArray().ToLookup(
            stage => stage.GetProperty("key").GetString()!.Split('-')[0], stage => stage.GetProperty("attempts").GetInt32());
        Assert.True(Assert.Single(attempts["model"]) >= 4, show.Transcript); // the client killed, interrupted; the silo killed; the last
        Assert.All(attempts["dictionary"], count => Assert.True(count >= 2, show.Transcript));
    }

    [Theory]
    [InlineData("models", "model.safetensors")]
    [InlineData("dictionaries", "sae.safetensors")]
    public async Task DisturbedRun_EndsInTheSameBits(string list, string file)
    {
        Assert.True(await experiment.UndisturbedRun.WaitForExit() == 0, experiment.UndisturbedRun.Transcript);
        Assert.True(await experiment.Last.WaitForExit() == 0, experiment.Last.Transcript);
        var keys = Keys(Undisturbed, list);
        Assert.NotEmpty(keys);
        Assert.Equal(keys, Keys(experiment.Last.Json, list));
        Assert.All(keys, key => Assert.Equal(Sha256(experiment.Undisturbed, key, file), Sha256(experiment.Disturbed, key, file)));
    }

    [Fact]
    public async Task OneMoreDictionarySize_ComputesOnlyThatAndWhatTakesIt()
    {
        var before = Keys(Undisturbed, "dictionaries").Concat(Keys(Undisturbed, "models")).ToDictionary(key => key, key => Files(experiment.Undisturbed, key));
        await using var more = await ClientProcess.Run("run", experiment.Undisturbed.ShortSpec(128, 192, 256), "--store", experiment.Undisturbed.Root, "--json");
        Assert.True(await more.WaitForExit() == 0, more.Transcript);

        // The dictionary, the report of its features, and the splitting over all sizes.
        Assert.Equal(3, more.Json.GetProperty("computed_stages").GetInt32());
        Assert.Equal(
            [128, 192, 256], more.Json.GetProperty("dictionaries").EnumerateArray().Select(dictionary => dictionary.GetProperty("feature_count").GetInt32()));
        Assert.All(before, pair => Assert.Equal(pair.Value, Files(experiment.Undisturbed, pair.Key)));
    }

    private static List<StageKey> Keys(JsonElement summary, string list) =>
        [.. summary.GetProperty(list).EnumerateArray().Select(item => new StageKey(item.GetProperty("id").GetString()!))];

    private static string Sha256(TemporaryStore store, StageKey key, string file) =>
        new ArtefactStore(store.Layout, TimeProvider.System).ReadManifest(key)!.Files.Single(found => found.Path == file).Sha256;

    /// <summary>The files of an artefact, and when each was written.</summary>
    private static List<(string Name, DateTime WrittenAt)> Files(TemporaryStore store, StageKey key) =>
        [.. new DirectoryInfo(store.Layout.Artefact(key)).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal)
            .Select(file => (file.Name, file.LastWriteTimeUtc))];
}
