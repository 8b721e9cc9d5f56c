using Microsoft.Data.Sqlite;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Storage;

/// <summary>The state database could not be read or written. What was in it before is still there.</summary>
public sealed class StateStoreException(string message, Exception? inner = null) : IOException(message, inner)
{
    // SQLite's primary result codes.
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int DiskFull = 13;
    private const int CannotOpen = 14;

    /// <summary>
    /// The same out of a grain's call, whose callers may be other processes: Orleans hands on its own exceptions, and of types
    /// that it does not know only that it does not know them. Its storage has logged the cause.
    /// </summary>
    internal static OrleansException ForCallers(string message) => new(message);

    /// <summary>Says what is the matter with the file, for people.</summary>
    internal static StateStoreException From(StoreLayout layout, string what, Exception e)
    {
        var why = e is not SqliteException sqlite ? e.Message : sqlite.SqliteErrorCode switch
        {
            Busy or Locked => "another process holds its lock",
            ReadOnly => "it is read-only",
            Corrupt => "it is damaged",
            DiskFull => "the disk is full",
            CannotOpen => "it cannot be opened",
            _ => e.Message,
        };
        return new StateStoreException($"{what}: {why} ({layout.Database}).", e);
    }
}
