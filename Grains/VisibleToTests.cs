using System.Runtime.CompilerServices;

// The journal of a pool is tested without a silo: there is no other way to lose one write of many.
[assembly: InternalsVisibleTo("Orchestrator.Unit")]
