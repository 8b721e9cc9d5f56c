using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Planning.Plugins;

/// <summary>One plugin folder.</summary>
/// <param name="Folder">Absolute path.</param>
/// <param name="State">Whether its analyses can be asked for.</param>
/// <param name="Manifest">Null where it cannot be read.</param>
/// <param name="Sha256">Over all files of the folder, lower-case hex; empty where they cannot be read.</param>
/// <param name="Reason">Why it is not active; null where it is.</param>
public sealed record PluginEntry(
    string Folder,
    PluginState State,
    PluginManifest? Manifest,
    string Sha256,
    string? Reason)
{
    /// <summary>Name of the folder.</summary>
    public string Name => Path.GetFileName(Folder);
}

/// <summary>What a host makes of a plugin folder before loading any of its code.</summary>
public enum PluginState
{
    /// <summary>Its analyses can be asked for.</summary>
    Active,

    /// <summary>It is made for another contract level.</summary>
    NotSupported,

    /// <summary>Something in it is wrong.</summary>
    Malfunctioned,

    /// <summary>The operator allows others only.</summary>
    NotAllowed,
}

/// <summary>An analysis with the plugin that offers it.</summary>
public sealed record OfferedAnalysis(PluginEntry Plugin, AnalysisManifest Analysis);
