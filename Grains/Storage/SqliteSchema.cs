using Microsoft.Data.Sqlite;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Storage;

/// <summary>The database of a store.</summary>
internal static class SqliteSchema
{
    private const string Script = "Orchestrator.Grains.Storage.schema.sql";

    /// <summary>SQLite's number for <c>synchronous=FULL</c>.</summary>
    private const long Full = 2;

    /// <summary>
    /// The pool keeps connections open; a write that meets another process' lock waits this many seconds before it fails.
    /// </summary>
    public static string ConnectionString(StoreLayout layout) => new SqliteConnectionStringBuilder
    {
        DataSource = layout.Database,
        Mode = SqliteOpenMode.ReadWriteCreate,
        DefaultTimeout = 10,
        Pooling = true,
    }.ToString();

    /// <summary>Creates tables and queries where they are missing; blocks on the disk.</summary>
    /// <exception cref="StateStoreException">The file cannot be opened or written.</exception>
    public static void Create(StoreLayout layout)
    {
        try
        {
            Directory.CreateDirectory(layout.Root);
            using var connection = new SqliteConnection(ConnectionString(layout));
            connection.Open();
            // Readers go on while one writes, and the setting stays with the file.
            Execute(connection, "PRAGMA journal_mode = WAL;");
            RequireFullSync(connection);
            Execute(connection, ReadScript());
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw StateStoreException.From(layout, "The state database cannot be opened", e);
        }
    }

    /// <summary>
    /// An acknowledged submission, an epoch or a committed checkpoint must outlive a loss of power, and there are only a
    /// few such writes a second: every commit is flushed. <c>NORMAL</c> would lose the last ones. The setting belongs to
    /// a connection and cannot be given in the connection string, so that the library's default is checked.
    /// </summary>
    private static void RequireFullSync(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous;";
        if (command.ExecuteScalar() is not Full)
            throw new InvalidOperationException("This SQLite library does not flush commits by default (synchronous=FULL).");
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string ReadScript()
    {
        using var stream = typeof(SqliteSchema).Assembly.GetManifestResourceStream(Script)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {Script}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
