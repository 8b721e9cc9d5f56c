using Orchestrator.Client.Cluster;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Processes;

/// <summary>A folder for one test: a store, and room for specs.</summary>
public sealed class TemporaryStore : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-processes-").FullName;

    /// <summary>The store; not made yet.</summary>
    public string Root => Path.Combine(_folder, "store");

    public StoreLayout Layout => new(Root);

    /// <summary>Smoke's spec with models that train long enough to be hit in the middle.</summary>
    public string LongSpec()
    {
        var text = File.ReadAllText(Repository.Spec("smoke.yaml")).Replace("    tokens: 40_000", "    tokens: 1_500_000", StringComparison.Ordinal);
        return Write("long.yaml", text);
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The running cluster, once a model has a checkpoint; null before.</summary>
    public ClusterFile? TrainingCluster() =>
        Directory.Exists(Layout.Work) && Directory.EnumerateDirectories(Layout.Work, "model-*").Any(HasFiles) ? ClusterFile.Read(Layout.ClusterFile) : null;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static bool HasFiles(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any();
}
