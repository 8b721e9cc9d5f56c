using Xunit;

namespace Orchestrator.Processes;

/// <summary>Tests that look at the one finished store of the smoke experiment, or add to it.</summary>
[CollectionDefinition(Name)]
public sealed class SmokeCollection : ICollectionFixture<SmokeExperiment>
{
    public const string Name = "smoke";
}
