using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Client.Cluster;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>Dictionaries that compete, really trained, with a GPU silo that is killed where they are measured.</summary>
public sealed class EarlyStopTests(UndisturbedRuns runs) : IDisposable
{
    private const string EarlyStop = "early_stop: { metric: explained_variance, rungs: [0.25] }\n\nevaluation:";

    /// <summary>Of 117 steps.</summary>
    private const int RungStep = 30;

    private static readonly int[] Sizes = [32, 48, 64, 96];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly TemporaryStore _halved = new();

    public void Dispose() => _halved.Dispose();

    [Fact]
    public async Task KilledAtARung_TheBestGoOn_ToTheBitsOfARunWithoutEarlyStopping()
    {
        var whole = (await runs.Of(Spec("evaluation:"))).Store;
        ShareWhatIsBefore(whole);
        await using var halved = ClientProcess.Start("run", Spec(EarlyStop), "--store", _halved.Root, "--json");
        await Eventually.Be(
            () => halved.HasExited || _halved.Checkpoints("dictionary").Any(folder => folder.EndsWith($"-s{RungStep}", StringComparison.Ordinal)), Limit, () => halved.Transcript);
        Assert.False(halved.HasExited, halved.Transcript);
        Signals.Send("KILL", ClusterFile.Read(_halved.Layout.ClusterFile)!.Silos.Single(silo => silo.Name.StartsWith("gpu-", StringComparison.Ordinal)).Process.Id);
        Assert.True(await halved.WaitForExit() == 0, halved.Transcript);

        Assert.Equal("completed", halved.Json.GetProperty("status").GetString());
        var stopped = halved.Json.GetProperty("stopped").EnumerateArray().ToList();
        var dictionaries = stopped.FindAll(stage => Key(stage).Value.StartsWith("dictionary-", StringComparison.Ordinal));
        Assert.Equal(2, dictionaries.Count);
        var store = new ArtefactStore(_halved.Layout, TimeProvider.System);
        Assert.All(stopped, stage => Assert.False(store.Contains(Key(stage)), stage.ToString()));
        Assert.All(dictionaries, stage => Assert.Matches("^stopped early at 25 % of its tokens: explained_variance .* of 4, 2 go on$", stage.GetProperty("reason").GetString()));

        // The two that are left are those of the run without, to the bit; what compared four sizes compares them.
        var (all, left) = (SweepResult.Of(whole), SweepResult.Of(_halved));
        Assert.Subset(all.ToHashSet(), left.ToHashSet());
        Assert.Equal(all.Count - 4, left.Count); // weights and metrics of two
        SweepResult.RequireEveryStepOnce(_halved);
        var splitting = Assert.Single(halved.Json.GetProperty("analyses").EnumerateArray());
        Assert.Equal(("feature-splitting", 2), (splitting.GetProperty("kind").GetString(), splitting.GetProperty("inputs").GetArrayLength()));
    }

    /// <summary>Text and model are the same, and are computed once.</summary>
    private void ShareWhatIsBefore(TemporaryStore whole)
    {
        foreach (var prefix in (string[])["tokenizer", "tokens", "model"])
        {
            foreach (var artefact in Directory.EnumerateDirectories(whole.Layout.Artefacts, $"{prefix}-*"))
            {
                var copy = Directory.CreateDirectory(Path.Combine(_halved.Layout.Artefacts, Path.GetFileName(artefact))).FullName;
                foreach (var file in Directory.EnumerateFiles(artefact))
                    File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }
        }
    }

    private static StageKey Key(JsonElement stage) => new(stage.GetProperty("id").GetString()!);

    private string Spec(string evaluation) => _halved.SpecOf(
        "60_000", Sizes, ("  tokens: 250_000", "  tokens: 60_000"), ("checkpoint_every: 5", "checkpoint_every: 20"), ("  - kind: feature-report\n    max_tokens: 4_000\n", ""), ("evaluation:", evaluation));
}
