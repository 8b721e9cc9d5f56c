using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Contracts.Runs;

/// <summary>What is known of attempts that ended with their process.</summary>
/// <param name="Step">Step of the checkpoint from which they went on; 0: the beginning.</param>
/// <param name="Ends">How each process ended, oldest first.</param>
[GenerateSerializer, Immutable, Alias("FailureEvidence")]
public sealed record FailureEvidence([property: Id(0)] long Step, [property: Id(1)] IReadOnlyList<ProcessEnd> Ends);
