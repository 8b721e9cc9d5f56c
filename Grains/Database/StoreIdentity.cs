using System.Text.Json;
using Npgsql;
using Orchestrator.Abstractions.Results;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Database;

/// <summary>
/// Keeps a database and its store together. State in the database speaks of artefacts and checkpoints in one store: a host
/// on which that is not mounted has an empty folder in its place, and would compute all of it again, to a place that nobody
/// else sees.
/// </summary>
public static class StoreIdentity
{
    /// <summary>The database's name for its store, kept in the store too.</summary>
    /// <exception cref="DatabaseException">The folder is not the database's store, or the database cannot be used.</exception>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    public static async Task Require(DatabaseDefinition database, StoreLayout layout, CancellationToken cancellationToken)
    {
        await using var connection = await DatabaseConnection.Open(database, cancellationToken);
        try
        {
            var known = await Find(connection, cancellationToken) ?? await Take(connection, database, layout, cancellationToken);
            var mark = Read(layout);
            if (mark is null)
                throw new DatabaseException($"The folder {layout.Root} is not the store of the {database}: it lacks {Path.GetFileName(layout.DatabaseMark)}. Is the shared folder mounted there?");

            if (mark.Id != known)
                throw new DatabaseException($"The folder {layout.Root} is the store of another database ({mark.Database}), not of the {database}.");
        }
        catch (Exception e) when (DatabaseFaults.IsFault(e))
        {
            throw DatabaseFaults.Explain(database, e);
        }
    }

    /// <summary>The mark of a store whose state is in a database; null: it has none.</summary>
    public static StoreMark? Read(StoreLayout layout)
    {
        try
        {
            return File.Exists(layout.DatabaseMark) ? ResultJson.Read<StoreMark>(layout.DatabaseMark) : null;
        }
        catch (JsonException e)
        {
            throw new DatabaseException($"{layout.DatabaseMark} is damaged: {e.Message}", isPassing: false, e);
        }
    }

    private static async Task<Guid?> Find(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT id FROM storeidentity", connection);
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    /// <summary>The first silo of a new database gives it its store; of several at once one does.</summary>
    private static async Task<Guid> Take(NpgsqlConnection connection, DatabaseDefinition database, StoreLayout layout, CancellationToken cancellationToken)
    {
        var mark = Read(layout) ?? Write(layout, new StoreMark(Guid.NewGuid(), database.ToString()));
        if (mark.Database != database.ToString())
            throw new DatabaseException($"The folder {layout.Root} is the store of another database ({mark.Database}), and the {database} is new. If the other one is gone for good, delete {layout.DatabaseMark}.");

        await using var command = new NpgsqlCommand("INSERT INTO storeidentity (id) VALUES ($1) ON CONFLICT DO NOTHING", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = mark.Id });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return (await Find(connection, cancellationToken))!.Value;
    }

    /// <summary>Whole or not at all, and only where there is none: another silo may be as far.</summary>
    private static StoreMark Write(StoreLayout layout, StoreMark mark)
    {
        Directory.CreateDirectory(layout.Root);
        var temporary = $"{layout.DatabaseMark}.{mark.Id:N}";
        ResultJson.Write(temporary, mark);
        try
        {
            File.Move(temporary, layout.DatabaseMark, overwrite: false);
            return mark;
        }
        catch (IOException) when (File.Exists(layout.DatabaseMark))
        {
            File.Delete(temporary);
            return Read(layout)!;
        }
    }
}

/// <summary>What a store says about its database.</summary>
/// <param name="Id">As in the database.</param>
/// <param name="Database">For people.</param>
public sealed record StoreMark(Guid Id, string Database);
