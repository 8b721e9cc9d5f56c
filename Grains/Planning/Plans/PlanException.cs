namespace Orchestrator.Planning.Plans;

/// <summary>A spec without mistakes asks for what does not fit what the store holds.</summary>
public sealed class PlanException(string message) : Exception(message);
