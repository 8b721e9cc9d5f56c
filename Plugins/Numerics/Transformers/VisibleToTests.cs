using System.Runtime.CompilerServices;

// Gradients are checked one by one, and paths and parts measured apart; nobody else has a use for that.
[assembly: InternalsVisibleTo("Orchestrator.Unit")]
[assembly: InternalsVisibleTo("Orchestrator.Bench")]
