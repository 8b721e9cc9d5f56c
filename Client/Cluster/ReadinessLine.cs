namespace Orchestrator.Client.Cluster;

/// <summary>The line by which a silo says on its standard output that it serves.</summary>
public static class ReadinessLine
{
    private const string Start = "orchestrator-silo ready ";

    public static bool Is(string line) => line.StartsWith(Start, StringComparison.Ordinal);
}
