using System.Globalization;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>How long the tests of faults are: short in the gate, in full with <c>tests/Processes/faults.sh</c>.</summary>
internal static class Faults
{
    public const string LongVariable = "ORCHESTRATOR_FAULTS";

    public const string SeedVariable = "ORCHESTRATOR_FAULTS_SEED";

    public static bool AreLong => Environment.GetEnvironmentVariable(LongVariable) == "long";

    /// <summary>Leaves a test to the long form: the gate has no time for it.</summary>
    public static void RequireLong() => Assert.SkipUnless(AreLong, $"It runs where {LongVariable}=long; tests/Processes/faults.sh does.");

    /// <summary>Of the random moments; printed, so that a run can be had again as far as processes allow.</summary>
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : Environment.TickCount & int.MaxValue;
}
