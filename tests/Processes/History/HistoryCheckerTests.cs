using Xunit;

namespace Orchestrator.Processes.History;

/// <summary>The checker finds each violation that is planted into a history that has none.</summary>
public sealed class HistoryCheckerTests
{
    private const string Id = "sweep-1";
    private const string Run = "model-1";

    private static List<Operation> Sound =>
    [
        Did(0, OperationKind.Submit, 0, 1),
        Saw(1, 2, 3, "running", epoch: 1),
        Pool(2, 2, 3, ("cpu", 1, [Run])),
        Did(0, OperationKind.Pause, 4, 5),
        Saw(1, 6, 7, "running", epoch: 1, paused: true),
        Did(0, OperationKind.Resume, 8, 9),
        Saw(1, 10, 11, "running", epoch: 2),
        Pool(2, 10, 11, ("cpu", 2, [Run])),
        Saw(1, 12, 13, "completed", epoch: 2, end: "completed"),
        Pool(2, 14, 15, ("cpu", 2, [])),
        Saw(1, 16, 17, "completed", epoch: 2, end: "completed"),
    ];

    [Fact]
    public void SoundHistory_IsSound() => Assert.Empty(HistoryChecker.Check(Sound));

    public static TheoryData<string, string> Violations => new()
    {
        { "lost submission", "did not show it" },
        { "forgotten pause", "showed otherwise" },
        { "forgotten resume", "showed otherwise" },
        { "forgotten cancellation", "showed otherwise" },
        { "resurrected experiment", "was completed in" },
        { "two ends", "was completed in" },
        { "falling epoch of a run", "The epoch of model-1 fell from 2" },
        { "falling attempts", "The attempts of model-1 fell" },
        { "two leases of a run", "was leased twice" },
        { "falling epoch of a device", "The epoch of cpu fell from 2 to 1" },
        { "an epoch given twice", "Epoch 2 was given for" },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void PlantedViolation_IsFound(string plant, string found)
    {
        var history = Sound;
        history.AddRange(plant switch
        {
            "lost submission" => [new Operation(1, OperationKind.Status, null, At(20), At(21), OperationOutcome.Acknowledged)],
            "forgotten pause" => [Did(0, OperationKind.Pause, 20, 21), Saw(1, 22, 23, "completed", 2, end: "completed")],
            "forgotten resume" => [Saw(1, 20, 21, "completed", 2, paused: true, end: "completed")],
            "forgotten cancellation" => [Did(3, OperationKind.Submit, 20, 21), Did(3, OperationKind.Cancel, 22, 23), Saw(1, 24, 25, "running", 2)],
            "resurrected experiment" => [Saw(1, 20, 21, "running", 2, end: "completed")],
            "two ends" => [Saw(1, 20, 21, "completed", 2, end: "failed")],
            "falling epoch of a run" => [Saw(1, 20, 21, "completed", 1, end: "completed")],
            "falling attempts" => [Saw(1, 20, 21, "completed", 2, end: "completed", attempts: 0)],
            "two leases of a run" => [Pool(2, 20, 21, ("cpu", 3, [Run]), ("cuda:0", 4, [Run]))],
            "falling epoch of a device" => [Pool(2, 20, 21, ("cpu", 1, []))],
            "an epoch given twice" => [Pool(2, 20, 21, ("cpu", 2, ["dictionary-1"]))],
            _ => throw new ArgumentOutOfRangeException(nameof(plant), plant, "Not planted."),
        });
        Assert.Contains(HistoryChecker.Check(history), violation => violation.Contains(found, StringComparison.Ordinal));
    }

    [Fact]
    public void OverlappingAndUnansweredOperations_AreNotHeldAgainstTheCluster()
    {
        var history = Sound;
        history.AddRange(
        [
            Did(0, OperationKind.Pause, 20, 25),
            Saw(1, 21, 22, "completed", 2, end: "completed"), // not paused yet, as it may be
            Did(3, OperationKind.Resume, 26, 27) with { Outcome = OperationOutcome.Unknown },
            Saw(1, 30, 31, "completed", 2, end: "completed"), // resumed or not
            Saw(1, 32, 33, "completed", 2, paused: true, end: "completed"),
            Did(3, OperationKind.Submit, 40, 41) with { Outcome = OperationOutcome.Unknown },
            Saw(1, 50, 51, "running", 3), // it was done after all
            Did(3, OperationKind.Cancel, 52, 53) with { Outcome = OperationOutcome.Refused },
            Saw(1, 54, 55, "running", 3),
        ]);
        Assert.Empty(HistoryChecker.Check(history));
    }

    private static TimeSpan At(double second) => TimeSpan.FromSeconds(second);

    private static Operation Did(int client, OperationKind kind, double from, double to) => new(client, kind, Id, At(from), At(to), OperationOutcome.Acknowledged);

    private static Operation Saw(int client, double from, double to, string phase, long epoch, bool paused = false, string? end = null, int attempts = 1) =>
        new(client, OperationKind.Status, null, At(from), At(to), OperationOutcome.Acknowledged)
        {
            Seen = new Dictionary<string, SeenExperiment>
            {
                [Id] = new(phase, paused, false, new Dictionary<string, SeenRun> { [Run] = new(epoch, attempts, end) }),
            },
        };

    private static Operation Pool(int client, double from, double to, params (string Device, long Epoch, string[] Runs)[] leases) =>
        new(client, OperationKind.Pool, null, At(from), At(to), OperationOutcome.Acknowledged)
        {
            Leases = [.. leases.Select(lease => new SeenLease(lease.Device, lease.Epoch, lease.Runs))],
        };
}
