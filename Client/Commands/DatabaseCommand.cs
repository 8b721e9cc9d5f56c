using System.CommandLine;
using System.Globalization;
using Orchestrator.Database;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Client.Commands;

/// <summary><c>db init</c> and <c>db check</c>: the schema in the database of a cluster that spans hosts.</summary>
internal static class DatabaseCommand
{
    public static Command Create(ClientContext context) => new("db", "Prepare and examine the PostgreSQL database that the cluster's file names.")
    {
        Verb("init", "Make the schema, or bring it to this program's version; what is there already stays. Several at once do it once.", (database, json, cancellationToken) => Init(context, database, json, cancellationToken)),
        Verb("check", "Say whether silos can work with the database: connection, version, tables, privileges, settings.", (database, json, cancellationToken) => Check(context, database, json, cancellationToken)),
    };

    private static Command Verb(string name, string description, Func<DatabaseDefinition, bool, CancellationToken, Task<int>> run)
    {
        var (cluster, json) = (ClusterSettings.Option(), CommonOptions.Json());
        var command = new Command(name, description) { cluster, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = ClusterSettings.Read(parsed.GetValue(cluster))
                ?? throw CommandFailure.Usage($"There is no {ClusterSettings.FileName} here. Name the cluster's file with {ClusterSettings.OptionName}.");
            return await run(
                definition.Database ?? throw CommandFailure.Usage($"{definition.File} names no database: the state is in the store, and needs no preparation."),
                parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> Init(ClientContext context, DatabaseDefinition database, bool json, CancellationToken cancellationToken)
    {
        SchemaChange change;
        try
        {
            change = await DatabaseSchema.Init(database, cancellationToken);
        }
        catch (DatabaseException e)
        {
            throw new CommandFailure(ExitCodes.Failed, e.Message, e);
        }

        if (json)
            context.Screen.WriteJson(new { Database = database.ToString(), change.Before, change.Now });
        else
            context.Screen.Line(Describe(database, change));

        return ExitCodes.Done;
    }

    private static async Task<int> Check(ClientContext context, DatabaseDefinition database, bool json, CancellationToken cancellationToken)
    {
        var report = await DatabaseCheck.Of(database, cancellationToken);
        if (json)
            context.Screen.WriteJson(new { Database = database.ToString(), report.Server, report.Schema, Needed = DatabaseSchema.Newest, report.Problems, report.Warnings, Good = report.IsGood });
        else
            Show(context, database, report);

        return report.IsGood ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Show(ClientContext context, DatabaseDefinition database, DatabaseReport report)
    {
        if (report.Server is { } server)
            context.Screen.Line(string.Create(CultureInfo.InvariantCulture, $"The {database}: PostgreSQL {server}, schema version {report.Schema?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} of {DatabaseSchema.Newest}"));

        foreach (var warning in report.Warnings)
            context.Screen.Error($"warning: {warning}");

        foreach (var problem in report.Problems)
            context.Screen.Error(problem);

        if (report.IsGood)
            context.Screen.Line("Silos can work with it.");
    }

    private static string Describe(DatabaseDefinition database, SchemaChange change) => change switch
    {
        { Before: 0 } => $"The {database} has its schema now, version {change.Now}.",
        { Before: var before, Now: var now } when before < now => $"The schema of the {database} was version {before} and is version {now} now.",
        _ => $"The schema of the {database} was version {change.Now} already.",
    };
}
