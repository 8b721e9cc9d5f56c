using Npgsql;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Database;

/// <summary>The schema in a database: made, brought to the newest version, and asked for.</summary>
public static class DatabaseSchema
{
    /// <summary>Who makes a schema waits here for whoever is making one; any number that nobody else takes.</summary>
    private const long LockKey = 0x6F72_6368_6573_7472;

    private const string VersionTable = "schemaversion";

    /// <summary>The version that this program works with.</summary>
    public static int Newest => SchemaScripts.Newest;

    /// <summary>
    /// Makes what is missing, in one transaction: all of it is there afterwards, or nothing was changed. Several at once wait
    /// for each other, and all but the first find nothing to do.
    /// </summary>
    /// <returns>The version before, 0 where there was none, and now.</returns>
    /// <exception cref="DatabaseException">The database cannot be used, or a newer program made its schema.</exception>
    public static async Task<SchemaChange> Init(DatabaseDefinition database, CancellationToken cancellationToken) =>
        await InitTo(Newest, database, cancellationToken);

    /// <summary>The same, to an older version: what an older program left.</summary>
    internal static async Task<SchemaChange> InitTo(int version, DatabaseDefinition database, CancellationToken cancellationToken)
    {
        await using var connection = await DatabaseConnection.Open(database, cancellationToken);
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await Execute(connection, $"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);
            var before = await FindVersion(connection, cancellationToken);
            if (before > Newest)
                throw TooNew(database, before);

            await Migrate(connection, before, version, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new SchemaChange(before, Math.Max(before, version));
        }
        catch (Exception e) when (DatabaseFaults.IsFault(e))
        {
            throw DatabaseFaults.Explain(database, e);
        }
    }

    /// <summary>Sees that a silo can work with the database.</summary>
    /// <exception cref="DatabaseException">It cannot; what would help is said.</exception>
    public static async Task Require(DatabaseDefinition database, CancellationToken cancellationToken)
    {
        await using var connection = await DatabaseConnection.Open(database, cancellationToken);
        try
        {
            var version = await FindVersion(connection, cancellationToken);
            if (version > Newest)
                throw TooNew(database, version);

            if (version < Newest)
                throw new DatabaseException($"The {database} has {(version == 0 ? "no schema" : $"a schema of version {version}, and this program works with version {Newest}")}. {InitText}");

            if (await MissingQueries(connection, cancellationToken) is { Count: > 0 } missing)
                throw new DatabaseException($"The {database} lacks statements of its schema: {string.Join(", ", missing)}. {InitText}");
        }
        catch (Exception e) when (DatabaseFaults.IsFault(e))
        {
            throw DatabaseFaults.Explain(database, e);
        }
    }

    internal static string InitText => "Make it with: orchestrator db init";

    internal static DatabaseException TooNew(DatabaseDefinition database, int version) =>
        new($"The {database} has a schema of version {version}, which a newer program made; this one works with version {Newest}. Update the program.");

    /// <summary>0: there is no schema.</summary>
    internal static async Task<int> FindVersion(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // The table may be there and not be ours to read: then asking it fails with a reason.
        if (await Ask<bool>(connection, $"SELECT to_regclass('{DatabaseConnection.Schema}.{VersionTable}') IS NULL", cancellationToken))
            return 0;

        return await Ask<int>(connection, $"SELECT COALESCE(max(version), 0) FROM {DatabaseConnection.Schema}.{VersionTable}", cancellationToken);
    }

    /// <summary>Keys of statements that are not there.</summary>
    internal static async Task<IReadOnlyList<string>> MissingQueries(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>();
        await using var command = new NpgsqlCommand($"SELECT querykey FROM {DatabaseConnection.Schema}.orleansquery", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            found.Add(reader.GetString(0));

        return [.. SchemaScripts.Queries.Keys.Where(key => !found.Contains(key))];
    }

    internal static async Task<T> Ask<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task Migrate(NpgsqlConnection connection, int before, int to, CancellationToken cancellationToken)
    {
        if (before == 0)
        {
            await Execute(connection, $"CREATE SCHEMA IF NOT EXISTS {DatabaseConnection.Schema}", cancellationToken);
            await Execute(connection, $"CREATE TABLE {VersionTable} (version integer NOT NULL PRIMARY KEY, madeat timestamptz NOT NULL DEFAULT now())", cancellationToken);
        }

        for (var version = before + 1; version <= to; version++)
        {
            await Execute(connection, SchemaScripts.Of(version), cancellationToken);
            await Execute(connection, $"INSERT INTO {VersionTable} (version) VALUES ({version})", cancellationToken);
        }

        foreach (var (key, text) in SchemaScripts.Queries)
        {
            await using var command = new NpgsqlCommand(
                "INSERT INTO orleansquery (querykey, querytext) VALUES ($1, $2) ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext WHERE orleansquery.querytext <> excluded.querytext", connection);
            command.Parameters.Add(new NpgsqlParameter { Value = key });
            command.Parameters.Add(new NpgsqlParameter { Value = text });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 60 }; // may wait for another's
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>What <see cref="DatabaseSchema.Init"/> did.</summary>
/// <param name="Before">The version before; 0: there was none.</param>
/// <param name="Now">The version since.</param>
public sealed record SchemaChange(int Before, int Now);
