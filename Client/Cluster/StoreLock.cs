using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Cluster;

/// <summary>
/// Held by the one command that runs a cluster on a store. The system takes it back when that process ends, however it
/// ends.
/// </summary>
public sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>Null where another process holds it.</summary>
    /// <exception cref="CommandFailure">The store cannot be made or written.</exception>
    public static StoreLock? TryTake(StoreLayout layout)
    {
        var path = Path.Combine(layout.Root, "cluster.lock");
        try
        {
            Directory.CreateDirectory(layout.Root);
            return new StoreLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCodes.Failed, $"The store {layout.Root} cannot be written: {ex.Message}", ex);
        }
    }

    public void Dispose() => _file.Dispose();
}
