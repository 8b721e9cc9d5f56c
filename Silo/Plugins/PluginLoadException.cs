namespace Orchestrator.Silo.Plugins;

/// <summary>A plugin cannot be loaded; the message names its folder and says why.</summary>
public sealed class PluginLoadException(string folder, string reason, Exception? inner = null)
    : Exception($"Plugin {folder}: {reason}", inner)
{
    public string Folder { get; } = folder;

    public string Reason { get; } = reason;
}
