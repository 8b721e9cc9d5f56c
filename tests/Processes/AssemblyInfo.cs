using Xunit.Sdk;
using Xunit.v3;

// Real silos on few cores; but a cluster mostly waits: for a process to start, a lease to expire, a silo to come again.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 2)]
