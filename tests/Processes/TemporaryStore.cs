using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>A folder for one test: a store, and room for specs.</summary>
/// <param name="root">Where the store is; null: in the test's own folder.</param>
public sealed class TemporaryStore(string? root = null) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-processes-").FullName;

    private int _specs;

    /// <summary>The store; not made yet.</summary>
    public string Root => root ?? Path.Combine(_folder, "store");

    public StoreLayout Layout => new(Root);

    /// <summary>Smoke's spec with one model, its sweep, and two analyses: of each dictionary, and of all sizes together.</summary>
    public string ShortSpec(params int[] featureCounts) => SpecOf("250_000", featureCounts);

    /// <summary>The same, but the model trains long enough for whatever a test does meanwhile.</summary>
    public string LongSpec(params int[] featureCounts) => SpecOf("1_000_000", featureCounts);

    /// <summary>The same, with a model of so many tokens, and whatever else is to be different.</summary>
    public string SpecOf(string modelTokens, int[] featureCounts, params (string Found, string By)[] changes)
    {
        var text = Repository.Edit(
            File.ReadAllText(Repository.Spec("smoke.yaml")),
            ("seeds: [1, 2]", "seeds: [1]"),
            ("random_twin: true", "random_twin: false"),
            ("  random_twin: [256]\n", ""),
            ("    tokens: 40_000", $"    tokens: {modelTokens}"),
            ("checkpoint_every: 20", "checkpoint_every: 5"),
            ("feature_count: [128, 256]", $"feature_count: [{string.Join(", ", featureCounts)}]"),
            ("  tokens: 30_000", "  tokens: 250_000"),
            ("    times: 2", "    times: 4"),
            ("  - kind: universality\n    max_tokens: 4_000\n", ""),
            ("  - kind: finite-state-automata\n    max_tokens: 4_000\n", ""));
        return Write($"spec-{Interlocked.Increment(ref _specs)}.yaml", Repository.Edit(text, changes));
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The checkpoints that stages of a kind have begun to write and not yet replaced.</summary>
    public IReadOnlySet<string> Checkpoints(string prefix)
    {
        try
        {
            return Directory.EnumerateDirectories(Layout.Work, $"{prefix}-*").SelectMany(stage => Directory.EnumerateDirectories(stage, "e*-s*")).ToHashSet();
        }
        catch (DirectoryNotFoundException)
        {
            return new HashSet<string>(); // nothing has begun, or a folder went away while we looked
        }
    }

    /// <summary>Waits until a stage of this kind has begun to write its second new checkpoint: the first one is then committed.</summary>
    /// <param name="stage">Its prefix: <c>model</c>.</param>
    /// <param name="run">The command that asked for it, which must still run.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="describe">What the test knows.</param>
    internal async Task UntilTrains(string stage, ClientProcess run, TimeSpan limit, Func<string> describe)
    {
        var before = Checkpoints(stage);
        var seen = new HashSet<string>();
        await Eventually.Be(
            () =>
            {
                seen.UnionWith(Checkpoints(stage).Where(checkpoint => !before.Contains(checkpoint)));
                return seen.Count > 1 || run.HasExited;
            },
            limit,
            describe);
        Assert.False(run.HasExited, describe());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
