namespace Orchestrator.Silo.Hosting;

/// <summary>Which process the kernel ends when memory runs out.</summary>
internal static class OutOfMemoryOrder
{
    private const string File = "/proc/self/oom_score_adj";

    /// <summary>Of -1000 to 1000, where 0 is everybody's.</summary>
    private const string Early = "500";

    /// <summary>This one before others: what it computes goes on from a checkpoint, and nobody else's work ends with it.</summary>
    public static void GoFirst()
    {
        try
        {
            System.IO.File.WriteAllText(File, Early);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No such system, or it does not allow it: then the kernel chooses.
        }
    }
}
