namespace Orchestrator.Simulation.Cluster;

/// <summary>What must hold at every moment of a simulation.</summary>
internal static class Promise
{
    /// <exception cref="BrokenPromiseException">It does not.</exception>
    public static void Keep(bool holds, string what)
    {
        if (!holds)
            throw new BrokenPromiseException(what);
    }
}

/// <summary>The scheduler did what it must never do.</summary>
public sealed class BrokenPromiseException(string what) : Exception($"Broken: {what}.");
