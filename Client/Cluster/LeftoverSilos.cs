using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Cluster;

/// <summary>
/// Silos whose command was killed. They end by themselves within seconds; until then they would work on the same store
/// beside new ones.
/// </summary>
public static class LeftoverSilos
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Waits for the silos of the last cluster of a store, then ends those that remain. The caller holds the store's lock.</summary>
    public static async Task End(StoreLayout layout, TimeProvider time, Action<string> notify, CancellationToken cancellationToken)
    {
        if (ClusterFile.Read(layout.ClusterFile) is not { } last)
        {
            return;
        }

        foreach (var silo in last.Silos)
        {
            using var process = silo.Process.Find();
            if (process is null)
            {
                continue;
            }

            notify($"The {silo.Name} silo of an earlier command still ends (process {process.Id}); waiting for it.");
            var exited = process.WaitForExitAsync(cancellationToken);
            if (await Task.WhenAny(exited, Task.Delay(Patience, time, cancellationToken)) != exited)
            {
                cancellationToken.ThrowIfCancellationRequested();
                process.Kill(entireProcessTree: true);
            }

            await exited;
        }

        File.Delete(layout.ClusterFile);
    }
}
