using Orchestrator.Abstractions.Analyses;
using Orchestrator.Planning.Plugins;
using Orchestrator.Silo.Plugins;
using Xunit;

namespace Orchestrator.Unit.Analyses;

/// <summary>The built-in analyses, loaded from their folders as anybody's are.</summary>
internal static class BuiltInAnalyses
{
    private static readonly Lazy<PluginHost> Loaded = new(static () => new PluginHost(PluginCatalog.Read(Folder())));

    public static PluginHost Host => Loaded.Value;

    public static AnalysisManifest Manifest(string kind) => Host.Catalog.Analyses[kind].Analysis;

    public static IAnalysis Create(string kind) => Host.Create(kind).Instance;

    /// <summary>Where the plugins of this build are.</summary>
    public static string Folder()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var root = output;
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Orchestrator.sln")))
        {
            root = root.Parent;
        }

        Assert.NotNull(root);
        return Path.Combine(root.FullName, "artifacts", "plugins", output.Name);
    }
}
