using System.CommandLine;
using System.Globalization;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary><c>gc</c>: artefacts that nothing refers to.</summary>
internal static class CollectCommand
{
    public static Command Create(ClientContext context)
    {
        var delete = new Option<bool>("--delete") { Description = "Delete them; else they are only listed." };
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("gc", "List artefacts that no experiment which runs, no name and no summary refers to; with --delete, delete them.") { delete, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var layout = parsed.Layout(store);
            await using var session = await ClusterSession.Attach(context, layout, cancellationToken);
            var found = await session.Grains.GetGrain<IExperimentIndexGrain>(IExperimentIndexGrain.Key).Collect(parsed.GetValue(delete), cancellationToken);
            if (found.Problem is { } problem)
            {
                throw new CommandFailure(ExitCodes.Failed, $"Nothing was deleted. {problem}");
            }

            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(new
                {
                    found.Deleted,
                    Bytes = found.Artefacts.Sum(artefact => artefact.Bytes),
                    Artefacts = found.Artefacts.Select(artefact => new { Key = artefact.Key.Value, artefact.Bytes }),
                    found.Leftovers,
                    Forgotten = found.Forgotten.Select(id => id.Value),
                });
            }
            else
            {
                Write(context.Screen, layout, found);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(Screen screen, StoreLayout layout, Collection found)
    {
        if (found.Artefacts.Count + found.Leftovers.Count + found.Forgotten.Count == 0)
        {
            screen.Line("Everything in the store is referred to.");
            return;
        }

        var table = new TextTable("!what", ">MB");
        foreach (var artefact in found.Artefacts)
        {
            table.Add(artefact.Key.Value, Megabytes(artefact.Bytes));
        }

        foreach (var folder in found.Leftovers)
        {
            table.Add(folder, "–");
        }

        screen.Write(table);
        foreach (var id in found.Forgotten)
        {
            screen.Line($"{id}: its folder was deleted{(found.Deleted ? "; it is listed no more" : "")}");
        }

        var sum = $"{found.Artefacts.Count} artefacts, {Megabytes(found.Artefacts.Sum(artefact => artefact.Bytes))} MB";
        screen.Line(found.Deleted ? $"deleted: {sum}" : $"Nothing refers to these {sum}. To delete them: {CommandLineText.WithArguments(["gc", "--delete", "--store", layout.Root])}");
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("N1", CultureInfo.InvariantCulture);
}
