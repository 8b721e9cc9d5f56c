using Xunit.Sdk;
using Xunit.v3;

// Real silos on few cores: one cluster at a time. Two that train at once have twice the threads that there are cores, and each
// waits for the other's.
[assembly: Parallelization(Mode = ParallelMode.None)]
