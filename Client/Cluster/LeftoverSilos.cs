using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Cluster;

/// <summary>
/// Silos whose command or supervisor was killed. They end by themselves within seconds; until then they would work on the same store
/// beside new ones.
/// </summary>
public static class LeftoverSilos
{
    /// <summary>For a command that waits for the store.</summary>
    public static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(10);

    /// <summary>Longer than a silo takes for its last checkpoint.</summary>
    public static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(45);

    /// <summary>
    /// Waits for the silos of the last cluster of a store, then kills those that remain. The caller holds the store's lock.
    /// </summary>
    /// <returns>How many were still there.</returns>
    public static async Task<int> End(StoreLayout layout, TimeSpan patience, TimeProvider time, Action<string> notify, CancellationToken cancellationToken)
    {
        var count = 0;
        if (ClusterFile.Read(layout.ClusterFile) is not { } last)
        {
            return count;
        }

        foreach (var silo in last.Silos)
        {
            using var process = silo.Process.Find();
            if (process is null)
            {
                continue;
            }

            count++;
            notify($"The {silo.Name} silo of an earlier cluster still ends (process {process.Id}); waiting for it.");
            var exited = process.WaitForExitAsync(cancellationToken);
            if (await Task.WhenAny(exited, Task.Delay(patience, time, cancellationToken)) != exited)
            {
                cancellationToken.ThrowIfCancellationRequested();
                process.Kill(entireProcessTree: true);
            }

            await exited;
        }

        File.Delete(layout.ClusterFile);
        return count;
    }
}
