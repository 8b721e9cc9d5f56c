using System.Globalization;
using Xunit;

namespace Orchestrator.Processes.History;

/// <summary>Histories of real clients on a real cluster, checked: a short one in the gate, and the soak.</summary>
public sealed class HistoryTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string SoakVariable = "ORCHESTRATOR_SOAK_MINUTES";

    private readonly string _program = Directory.CreateTempSubdirectory("orchestrator-soak-").FullName;
    private LastingCluster? _cluster;

    public ValueTask InitializeAsync()
    {
        output.WriteLine($"seed {Faults.Seed}");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();

        Directory.Delete(_program, recursive: true);
    }

    [Fact]
    public async Task ShortHistory_WithKills_HasNoViolation()
    {
        Faults.RequireLong();
        _cluster = new LastingCluster();
        await Check(TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(6), withAll: false, hostile: false);
    }

    [Fact]
    public async Task Soak()
    {
        if (!double.TryParse(Environment.GetEnvironmentVariable(SoakVariable), NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes))
            Assert.Skip($"The soak runs where {SoakVariable} says how long; tests/Processes/faults.sh soak does.");

        var disk = SmallDisk.TryMount(400);
        if (disk is null)
            output.WriteLine("No small file system can be mounted here: no full disks.");

        _cluster = new LastingCluster(
            ProgramCopy.WithPlugin(Path.Combine(_program, "client"), ProgramCopy.Hostile),
            new Dictionary<string, string> { ["ORCHESTRATOR_ANALYSIS_SILENCE_SECONDS"] = "10", ["ORCHESTRATOR_ANALYSIS_OUTPUT_MIB"] = "16" },
            disk);
        await Check(TimeSpan.FromMinutes(minutes), TimeSpan.FromSeconds(20), withAll: true, hostile: true);
    }

    private async Task Check(TimeSpan duration, TimeSpan betweenFaults, bool withAll, bool hostile)
    {
        await _cluster!.Up();
        var faults = 0;
        var soak = new Soak(_cluster, new Random(Faults.Seed), text =>
        {
            faults++;
            output.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss} {text}");
        }, hostile);
        var violations = await soak.Run(duration, betweenFaults, withAll);
        var acknowledged = soak.History.Count(operation => operation.Outcome == OperationOutcome.Acknowledged);
        output.WriteLine($"soak: {(violations.Count == 0 ? "PASSED" : "FAILED")}: {soak.History.Count} operations, {acknowledged} of them acknowledged, {faults} faults, {violations.Count} violations in {duration.TotalMinutes:0.0} minutes");
        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations));
        Assert.Contains(soak.History, operation => operation.Kind == OperationKind.Pool && operation.Leases.Any(lease => lease.Runs.Count > 0));
        Assert.Contains(soak.History, operation => operation.Kind == OperationKind.Status && operation.Seen.Count > 0);
    }
}
