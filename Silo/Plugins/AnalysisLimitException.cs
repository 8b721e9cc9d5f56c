namespace Orchestrator.Silo.Plugins;

/// <summary>An analysis wants more than it may; the message says what, and how much is allowed.</summary>
public sealed class AnalysisLimitException(string message) : Exception(message);
