using Xunit;

// Real silos on few cores: one cluster at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
