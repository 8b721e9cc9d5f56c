using Orchestrator.Client.Commands;
using Orchestrator.Database;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Client.Cluster;

/// <summary>Whether the cluster of a store has a database, and is to be found through it.</summary>
internal static class ClusterDatabase
{
    /// <summary>The definition, with its database, of a store's cluster, from the working folder's file or that of the cluster that runs here; null: it has no database.</summary>
    /// <exception cref="CommandFailure">The store's state is in a database that no file at hand names.</exception>
    public static ClusterDefinition? Of(StoreLayout layout)
    {
        if (Read(ClusterSettings.FileName) is { Database: not null } definition && Path.GetFullPath(definition.Store ?? StoreLayout.DefaultFolder) == layout.Root)
            return definition;

        if (ClusterFile.FindRunning(layout)?.Definition is { } file && Read(file) is { Database: not null } running)
            return running;

        return StoreIdentity.Read(layout) is { } mark
            ? throw CommandFailure.Usage($"The state of the store {layout.Root} is in the {mark.Database}. Give the command in the folder of the cluster's {ClusterSettings.FileName}.")
            : null;
    }

    private static ClusterDefinition? Read(string path) => File.Exists(path) ? ClusterReader.ReadFile(path).Definition : null;
}
