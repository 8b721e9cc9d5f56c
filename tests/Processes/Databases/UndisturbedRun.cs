using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Processes.Databases;

/// <summary>The sweep of these tests in a store of its own, without a database and left alone: what the others must come to.</summary>
public sealed class UndisturbedRun : IAsyncLifetime
{
    private readonly TemporaryStore _store = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs it, the first time.</summary>
    internal async Task<JsonElement> Summary()
    {
        _summary ??= await Compute();
        return _summary.Value;
    }

    private JsonElement? _summary;

    /// <summary>The sweep.</summary>
    internal static string Spec(TemporaryStore store) => store.ShortSpec(128, 192, 256);

    /// <summary>The files of weights that a summary speaks of, which must be those of this run.</summary>
    internal IReadOnlyList<(StageKey Key, string File)> Files(JsonElement summary)
    {
        var files = FilesOf(summary);
        Assert.Equal(FilesOf(_summary!.Value), files);
        Assert.Equal(4, files.Count);
        return files;
    }

    internal string Sha256(StageKey key, string file) => Sha256(_store, key, file);

    internal static string Sha256(TemporaryStore store, StageKey key, string file) =>
        new ArtefactStore(store.Layout, TimeProvider.System).ReadManifest(key)!.Files.Single(found => found.Path == file).Sha256;

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        return ValueTask.CompletedTask;
    }

    private static List<(StageKey Key, string File)> FilesOf(JsonElement summary) =>
    [
        .. summary.GetProperty("models").EnumerateArray().Select(model => (new StageKey(model.GetProperty("id").GetString()!), "model.safetensors")),
        .. summary.GetProperty("dictionaries").EnumerateArray().Select(dictionary => (new StageKey(dictionary.GetProperty("id").GetString()!), "sae.safetensors")),
    ];

    private async Task<JsonElement> Compute()
    {
        await using var run = await ClientProcess.Run("run", Spec(_store), "--store", _store.Root, "--json");
        Assert.True(await run.WaitForExit() == 0, run.Transcript);
        return run.Json.Clone();
    }
}
