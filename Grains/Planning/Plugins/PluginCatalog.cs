using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Planning.Plugins;

/// <summary>What a folder of plugin folders offers. No code is loaded; what is wrong with a plugin is data.</summary>
public sealed class PluginCatalog
{
    private readonly Dictionary<string, OfferedAnalysis> _analyses;

    /// <param name="plugins">The first plugin of an id, or of a kind, keeps it; a later one malfunctions.</param>
    public PluginCatalog(IEnumerable<PluginEntry> plugins)
    {
        var entries = new List<PluginEntry>();
        _analyses = new Dictionary<string, OfferedAnalysis>(StringComparer.Ordinal);
        foreach (var plugin in plugins)
        {
            var entry = plugin.State == PluginState.Active && FindDuplicate(plugin, entries) is { } reason
                ? plugin with { State = PluginState.Malfunctioned, Reason = reason }
                : plugin;
            entries.Add(entry);
            if (entry is { State: PluginState.Active, Manifest: { } manifest })
            {
                foreach (var analysis in manifest.Analyses)
                {
                    _analyses.Add(analysis.Kind, new OfferedAnalysis(entry, analysis));
                }
            }
        }

        Plugins = entries;
    }

    public static PluginCatalog Empty { get; } = new([]);

    /// <summary>Every plugin folder, by name.</summary>
    public IReadOnlyList<PluginEntry> Plugins { get; }

    /// <summary>The analyses of active plugins, by kind.</summary>
    public IReadOnlyDictionary<string, OfferedAnalysis> Analyses => _analyses;

    /// <summary>The plugin folders in a folder; empty where the folder does not exist.</summary>
    /// <param name="folder">Of plugin folders.</param>
    /// <param name="allowed">SHA-256 of those that the operator allows; null: all.</param>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be listed.</exception>
    public static PluginCatalog Read(string folder, IReadOnlySet<string>? allowed = null) => new(Directory.Exists(folder)
        ? Directory.GetDirectories(Path.GetFullPath(folder)).Order(StringComparer.Ordinal).Select(PluginFolder.Read).Select(plugin => Admit(plugin, allowed))
        : []);

    /// <summary>What a plugin folder holds now; empty where it cannot be read.</summary>
    public static string HashOf(string folder) => PluginFolder.Read(folder).Sha256;

    /// <summary>The active plugin's analysis of this kind.</summary>
    public bool TryFind(string kind, [NotNullWhen(true)] out OfferedAnalysis? analysis) => _analyses.TryGetValue(kind, out analysis);

    /// <summary>A plugin that would offer this kind if it were active; null where there is none.</summary>
    public PluginEntry? FindInactive(string kind) => Plugins.FirstOrDefault(plugin =>
        plugin.State != PluginState.Active && plugin.Manifest?.Analyses.Any(analysis => analysis.Kind == kind) == true);

    private static PluginEntry Admit(PluginEntry plugin, IReadOnlySet<string>? allowed) =>
        plugin.State != PluginState.Active || allowed is null || allowed.Contains(plugin.Sha256)
            ? plugin
            : plugin with { State = PluginState.NotAllowed, Reason = $"the cluster does not allow it: its SHA-256 {plugin.Sha256} is not in access.plugins of the cluster's file" };

    private string? FindDuplicate(PluginEntry plugin, List<PluginEntry> earlier)
    {
        var manifest = plugin.Manifest!;
        if (earlier.FirstOrDefault(other => other.State == PluginState.Active && other.Manifest!.Id == manifest.Id) is { } twin)
        {
            return $"the id {manifest.Id} is already that of {twin.Name}";
        }

        return manifest.Analyses.FirstOrDefault(analysis => _analyses.ContainsKey(analysis.Kind)) is { } taken
            ? $"the kind {taken.Kind} is already offered by {_analyses[taken.Kind].Plugin.Name}"
            : null;
    }
}
