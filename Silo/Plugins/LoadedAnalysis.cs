using Orchestrator.Abstractions.Analyses;
using Orchestrator.Planning.Plugins;

namespace Orchestrator.Silo.Plugins;

/// <summary>An analysis ready to run.</summary>
/// <param name="Plugin">The plugin it came from.</param>
/// <param name="Manifest">What it promises.</param>
/// <param name="Instance">A fresh instance.</param>
public sealed record LoadedAnalysis(PluginEntry Plugin, AnalysisManifest Manifest, IAnalysis Instance);
