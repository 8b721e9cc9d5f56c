using System.Runtime.CompilerServices;

// Gradients are checked against finite differences, and only tests have a use for them one by one.
[assembly: InternalsVisibleTo("Orchestrator.Unit")]
