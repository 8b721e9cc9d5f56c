using System.Runtime.CompilerServices;

// What is not public is tested through what is, except for the journal: there is no other way to lose a write.
[assembly: InternalsVisibleTo("Orchestrator.Unit")]
