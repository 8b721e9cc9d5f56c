using Npgsql;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Database;

/// <summary>Looks at everything that a silo will need of a database.</summary>
public static class DatabaseCheck
{
    private const int LeastServer = 130_000;
    private const string Privileges = "SELECT, INSERT, UPDATE, DELETE";

    /// <summary>Never throws for what the database is or says: that is what the report is for.</summary>
    public static async Task<DatabaseReport> Of(DatabaseDefinition database, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await DatabaseConnection.Open(database, cancellationToken);
            return await Look(connection, database, cancellationToken);
        }
        catch (DatabaseException e)
        {
            return new DatabaseReport(null, null, [e.Message], []);
        }
        catch (Exception e) when (DatabaseFaults.IsFault(e))
        {
            return new DatabaseReport(null, null, [DatabaseFaults.Explain(database, e).Message], []);
        }
    }

    private static async Task<DatabaseReport> Look(NpgsqlConnection connection, DatabaseDefinition database, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var server = await DatabaseSchema.Ask<string>(connection, "SHOW server_version", cancellationToken);
        if (int.Parse(await DatabaseSchema.Ask<string>(connection, "SHOW server_version_num", cancellationToken)) < LeastServer)
            problems.Add($"The server is PostgreSQL {server}; 13 or newer is needed.");

        var version = await FindVersion(connection, database, problems, cancellationToken);
        if (version is 0)
            await LookAtEmpty(connection, database, problems, cancellationToken);
        else if (version > DatabaseSchema.Newest)
            problems.Add(DatabaseSchema.TooNew(database, version.Value).Message);
        else if (version is { } found)
            await LookAtTables(connection, database, found, problems, cancellationToken);

        return new DatabaseReport(server, version, problems, await Warnings(connection, cancellationToken));
    }

    private static async Task<int?> FindVersion(NpgsqlConnection connection, DatabaseDefinition database, List<string> problems, CancellationToken cancellationToken)
    {
        try
        {
            return await DatabaseSchema.FindVersion(connection, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            problems.Add(DatabaseFaults.Explain(database, e).Message);
            return null;
        }
    }

    private static async Task LookAtEmpty(NpgsqlConnection connection, DatabaseDefinition database, List<string> problems, CancellationToken cancellationToken)
    {
        problems.Add($"The {database} has no schema. {DatabaseSchema.InitText}");
        var mayMake = await DatabaseSchema.Ask<bool>(
            connection, "SELECT has_database_privilege(current_database(), 'CREATE') OR COALESCE(has_schema_privilege(to_regnamespace('orchestrator'), 'CREATE'), false)", cancellationToken);
        if (!mayMake)
            problems.Add($"The user {database.User} may not make a schema there; its owner or an administrator grants it: GRANT CREATE ON DATABASE \"{database.Name}\" TO \"{database.User}\";");
    }

    private static async Task LookAtTables(NpgsqlConnection connection, DatabaseDefinition database, int version, List<string> problems, CancellationToken cancellationToken)
    {
        if (version < DatabaseSchema.Newest)
            problems.Add($"The {database} has a schema of version {version}, and this program works with version {DatabaseSchema.Newest}. {DatabaseSchema.InitText}");

        var (missing, locked) = await Tables(connection, cancellationToken);
        if (version == DatabaseSchema.Newest && missing.Count > 0)
            problems.Add($"The {database} lacks tables of its schema: {string.Join(", ", missing)}. Somebody dropped them; restore the database, or drop the schema orchestrator and make it anew.");

        if (locked.Count > 0)
            problems.Add($"The user {database.User} may not read and write: {string.Join(", ", locked)}. Their owner or an administrator grants it: GRANT {Privileges} ON ALL TABLES IN SCHEMA orchestrator TO \"{database.User}\";");

        if (!missing.Contains("orleansquery") && !locked.Contains("orleansquery") && await DatabaseSchema.MissingQueries(connection, cancellationToken) is { Count: > 0 } queries)
            problems.Add($"The {database} lacks statements of its schema: {string.Join(", ", queries)}. {DatabaseSchema.InitText}");
    }

    private static async Task<(IReadOnlyList<string> Missing, IReadOnlyList<string> Locked)> Tables(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (missing, locked) = (new List<string>(), new List<string>());
        foreach (var table in SchemaScripts.Tables)
        {
            var name = $"{DatabaseConnection.Schema}.{table}";
            if (await DatabaseSchema.Ask<bool>(connection, $"SELECT to_regclass('{name}') IS NULL", cancellationToken))
                missing.Add(table);
            else if (!await DatabaseSchema.Ask<bool>(connection, $"SELECT bool_and(has_table_privilege('{name}', p)) FROM unnest(string_to_array('{Privileges}', ', ')) AS p", cancellationToken))
                locked.Add(table);
        }

        return (missing, locked);
    }

    /// <summary>Settings of the server under which an acknowledged write may be lost.</summary>
    private static async Task<IReadOnlyList<string>> Warnings(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var warnings = new List<string>();
        foreach (var setting in (string[])["fsync", "synchronous_commit", "full_page_writes"])
        {
            if (await DatabaseSchema.Ask<string>(connection, $"SHOW {setting}", cancellationToken) == "off")
                warnings.Add($"The server's {setting} is off: what was acknowledged may be lost with its power.");
        }

        return warnings;
    }
}

/// <summary>How a database is.</summary>
/// <param name="Server">PostgreSQL's version; null: it was not reached.</param>
/// <param name="Schema">The schema's version, 0 for none; null: not known.</param>
/// <param name="Problems">Why silos cannot work with it, each with what would help.</param>
/// <param name="Warnings">What they can live with.</param>
public sealed record DatabaseReport(string? Server, int? Schema, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings)
{
    public bool IsGood => Problems.Count == 0;
}
