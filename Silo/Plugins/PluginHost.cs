using Orchestrator.Planning.Plugins;

namespace Orchestrator.Silo.Plugins;

/// <summary>
/// Loads the code of plugins on demand. The one place that knows McMaster.NETCore.Plugins. Safe for use from many threads.
/// </summary>
/// <param name="catalog">What the plugin folders offer, read without loading any code.</param>
public sealed class PluginHost(PluginCatalog catalog) : IDisposable
{
    private static readonly string[] TorchPrefixes = ["libtorch", "liblibtorch", "torchsharp.", "torch_c", "libc10", "c10."];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LoadedPlugin> _loaded = new(StringComparer.Ordinal);

    public PluginCatalog Catalog => catalog;

    /// <summary>A fresh instance of the analysis of a kind; its plugin is loaded when first asked for.</summary>
    /// <param name="kind">As manifests and specs name it.</param>
    /// <param name="sha256">The plugin that a plan was made with; null: whichever is there.</param>
    /// <exception cref="PluginLoadException">No active plugin offers it, it is another plugin, or it does not load.</exception>
    public LoadedAnalysis Create(string kind, string? sha256 = null)
    {
        var offered = Find(kind);
        var plugin = offered.Plugin;
        if (sha256 is not null && sha256 != plugin.Sha256)
        {
            throw new PluginLoadException(plugin.Folder, $"its SHA-256 is {plugin.Sha256}, the plan was made with {sha256}");
        }

        lock (_lock)
        {
            if (!_loaded.TryGetValue(plugin.Folder, out var loaded))
            {
                loaded = Load(plugin);
                _loaded.Add(plugin.Folder, loaded);
            }

            return new LoadedAnalysis(plugin, offered.Analysis, loaded.Create(kind));
        }
    }

    /// <summary>Loads every active plugin and says what is wrong with those that do not load.</summary>
    public IReadOnlyList<PluginLoadException> LoadAll()
    {
        var failures = new List<PluginLoadException>();
        foreach (var kind in catalog.Analyses.Keys)
        {
            try
            {
                Create(kind);
            }
            catch (PluginLoadException failure)
            {
                failures.Add(failure);
            }
        }

        return failures;
    }

    /// <summary>Lets go of a plugin's code; it is loaded again when next asked for. False where it was not loaded.</summary>
    public bool Unload(PluginEntry plugin)
    {
        lock (_lock)
        {
            if (!_loaded.Remove(plugin.Folder, out var loaded))
            {
                return false;
            }

            loaded.Dispose();
            return true;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var plugin in _loaded.Values)
            {
                plugin.Dispose();
            }

            _loaded.Clear();
        }
    }

    private OfferedAnalysis Find(string kind)
    {
        if (catalog.TryFind(kind, out var offered))
        {
            return offered;
        }

        throw catalog.FindInactive(kind) is { } inactive
            ? new PluginLoadException(inactive.Folder, $"it offers {kind}, but {inactive.Reason}")
            : new PluginLoadException("(none)", $"no plugin offers {kind}; there are: {string.Join(", ", catalog.Analyses.Keys)}");
    }

    // Looked at again on loading: a second libtorch aborts the process, and the folder may have changed since it was read.
    private static LoadedPlugin Load(PluginEntry plugin)
    {
        if (PluginCatalog.HashOf(plugin.Folder) is var now && now != plugin.Sha256)
        {
            throw new PluginLoadException(plugin.Folder, $"it has changed since it was read: its SHA-256 was {plugin.Sha256}, and is {now}");
        }

        var torch = Directory.EnumerateFiles(plugin.Folder, "*", SearchOption.AllDirectories)
            .Select(Path.GetFileName)
            .FirstOrDefault(static name => TorchPrefixes.Any(prefix => name!.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));
        return torch is null
            ? LoadedPlugin.Load(plugin, plugin.Manifest!)
            : throw new PluginLoadException(plugin.Folder, $"it brings its own {torch}; the host's TorchSharp is shared");
    }
}
