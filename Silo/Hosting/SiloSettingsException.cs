namespace Orchestrator.Silo.Hosting;

/// <summary>The command line is wrong.</summary>
public sealed class SiloSettingsException(IReadOnlyList<string> mistakes)
    : Exception($"The silo cannot start: {string.Join("; ", mistakes)}.");
