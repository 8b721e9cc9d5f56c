using Orchestrator.Planning.Plans;
using Xunit;

namespace Orchestrator.Unit.Planning.Specs;

/// <summary><c>resources</c> and <c>retry</c>: what a spec asks of the cluster.</summary>
public sealed class DemandTests
{
    [Fact]
    public void Keys_ThatAreNotGiven_AskForNothing() => Assert.Equal(RunDemand.None, TestSpec.Spec().Demand);

    [Fact]
    public void Keys_AreRead() => Assert.Equal(
        new RunDemand(4, 3L << 29, -7, 2.5, 9),
        TestSpec.Spec(TestSpec.Text + "resources: { devices: 4, memory_gib: 1.5, priority: -7, weight: 2.5 }\nretry: { lost_attempts: 9 }\n").Demand);

    [Fact]
    public void Keys_DecideNoResult()
    {
        var plain = Planner.Plan(TestSpec.Spec(), TestPlugins.Catalog, "fingerprint");
        var demanding = Planner.Plan(TestSpec.Spec(TestSpec.Text + "resources: { priority: 5 }\nretry: { lost_attempts: 1 }\n"), TestPlugins.Catalog, "fingerprint");
        Assert.Equal(plain.Id, demanding.Id);
        Assert.Equal(plain.Stages.Select(stage => stage.Key), demanding.Stages.Select(stage => stage.Key));
        Assert.Equal((5, 1), (demanding.Demand.Priority, demanding.Demand.LostAttempts));
    }

    [Theory]
    [InlineData("resources: { priority: 1_001 }", "resources.priority: wrong value; found '1_001'; allowed: a whole number from -1,000 to 1,000")]
    [InlineData("resources: { weight: 0 }", "resources.weight: wrong value; found '0'; allowed: a number of at least 1e-6 and of at most 1000000")]
    [InlineData("resources: { memory_gib: 0 }", "resources.memory_gib: wrong value; found '0'; allowed: a number above 0 and of at most 1000000")]
    [InlineData("resources: { devices: none }", "resources.devices: wrong value; found 'none'; allowed: a whole number from 1 to 1,000,000")]
    [InlineData("resources: { memory: 4 }", "unknown key 'memory' in resources; allowed: devices, memory_gib, priority, weight")]
    [InlineData("retry: { lost_attempts: 0 }", "retry.lost_attempts: wrong value; found '0'; allowed: a whole number from 1 to 1,000")]
    public void Mistakes_NameWhatIsAllowed(string line, string expected) =>
        Assert.Contains(expected, Assert.Single(TestSpec.Read(TestSpec.Text + line + "\n").Problems).ToString(), StringComparison.Ordinal);
}
