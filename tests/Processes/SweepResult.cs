using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>What a sweep left in a store: weights and metrics, to be compared with another's.</summary>
internal static class SweepResult
{
    private static readonly string[] Compared = ["model.safetensors", "sae.safetensors", "metrics.jsonl"];

    /// <summary>SHA-256 of every file of weights and of metrics, by artefact and name.</summary>
    public static IReadOnlyList<string> Of(TemporaryStore store)
    {
        var artefacts = new ArtefactStore(store.Layout, TimeProvider.System);
        var keys = Directory.EnumerateDirectories(store.Layout.Artefacts).Select(folder => new StageKey(Path.GetFileName(folder))).ToList();
        Assert.All(keys, key => Assert.Empty(artefacts.Verify(key)));
        return [.. keys.SelectMany(key => artefacts.ReadManifest(key)!.Files.Where(file => Compared.Contains(file.Path)).Select(file => $"{key}/{file.Path} {file.Sha256}")).Order(StringComparer.Ordinal)];
    }

    /// <summary>Sees that every trained artefact has each of its metric steps once, at equal distances, to the last.</summary>
    public static void RequireEveryStepOnce(TemporaryStore store)
    {
        var series = Directory.EnumerateFiles(store.Layout.Artefacts, "metrics.jsonl", SearchOption.AllDirectories).ToList();
        Assert.True(series.Count >= 3, "A model and two dictionaries have metrics.");
        foreach (var file in series)
        {
            var steps = File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt64()).ToList();
            var every = steps[0];
            Assert.True(steps.Count >= 10, file);
            Assert.Equal(Enumerable.Range(1, steps.Count - 1).Select(i => i * every), steps.Take(steps.Count - 1));
            Assert.InRange(steps[^1] - steps[^2], 1, every);
        }
    }
}
