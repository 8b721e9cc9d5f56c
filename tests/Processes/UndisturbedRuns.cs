using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Processes;
using Xunit;

[assembly: AssemblyFixture(typeof(UndisturbedRuns))]

namespace Orchestrator.Processes;

/// <summary>
/// Sweeps in stores of their own, without a database and left alone: what disturbed ones must come to. Each is computed once
/// for all tests, when the first of them asks.
/// </summary>
public sealed class UndisturbedRuns : IAsyncLifetime
{
    private readonly Dictionary<string, UndisturbedRun> _runs = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <param name="spec">The path of its spec.</param>
    internal async Task<UndisturbedRun> Of(string spec)
    {
        var text = await File.ReadAllTextAsync(spec);
        if (!_runs.TryGetValue(text, out var run))
            _runs[text] = run = await UndisturbedRun.Compute(spec);

        return run;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var run in _runs.Values)
            run.Store.Dispose();

        return ValueTask.CompletedTask;
    }
}

/// <summary>A sweep that completed, its summary, and the store that has it.</summary>
internal sealed class UndisturbedRun
{
    private UndisturbedRun(TemporaryStore store, JsonElement summary) => (Store, Summary) = (store, summary);

    public TemporaryStore Store { get; }

    public JsonElement Summary { get; }

    public static async Task<UndisturbedRun> Compute(string spec)
    {
        var store = new TemporaryStore();
        await using var run = await ClientProcess.Run("run", spec, "--store", store.Root, "--json");
        if (await run.WaitForExit() == 0)
            return new UndisturbedRun(store, run.Json.Clone());

        store.Dispose();
        throw new InvalidOperationException(run.Transcript);
    }

    /// <summary>Sees that another run of the spec speaks of the same weights, and that its store has the same bits.</summary>
    public void RequireSameBits(JsonElement summary, TemporaryStore store)
    {
        var files = FilesOf(summary);
        Assert.NotEmpty(files);
        Assert.Equal(FilesOf(Summary), files);
        Assert.All(files, file => Assert.Equal(Sha256(Store, file), Sha256(store, file)));
    }

    private static string Sha256(TemporaryStore store, (StageKey Key, string Name) file) =>
        new ArtefactStore(store.Layout, TimeProvider.System).ReadManifest(file.Key)!.Files.Single(found => found.Path == file.Name).Sha256;

    private static List<(StageKey Key, string Name)> FilesOf(JsonElement summary) =>
    [
        .. summary.GetProperty("models").EnumerateArray().Select(model => (new StageKey(model.GetProperty("id").GetString()!), "model.safetensors")),
        .. summary.GetProperty("dictionaries").EnumerateArray().Select(dictionary => (new StageKey(dictionary.GetProperty("id").GetString()!), "sae.safetensors")),
    ];
}
