using Xunit.Sdk;
using Xunit.v3;

// Real silos on few cores: one cluster at a time.
[assembly: Parallelization(Mode = ParallelMode.None)]
