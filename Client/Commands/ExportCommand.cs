using System.CommandLine;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Client.Display;
using Orchestrator.Client.Features;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary><c>export DICTIONARY DIR</c>: writes a dictionary as another tool's files.</summary>
internal static class ExportCommand
{
    public static Command Create(ClientContext context)
    {
        var dictionary = new Argument<string>("DICTIONARY") { Description = "A dictionary's name, its id, or the beginning of its id." };
        var folder = CommonOptions.Folder("Where the files go; made where missing.");
        var format = new Option<string>("--format") { Description = "Whose files: saelens.", HelpName = "FORMAT", DefaultValueFactory = _ => ExportStage.SaeLens };
        format.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !ExportStage.Formats.Contains(token.Value))
            {
                result.AddError($"'{token.Value}' is no format; allowed: {string.Join(", ", ExportStage.Formats)}.");
            }
        });
        var force = new Option<bool>("--force") { Description = "Write into a folder that holds files already, and replace those of the same names." };
        var (device, store, json) = (CommonOptions.Device(), CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("export", "Write a dictionary as another tool's files.") { dictionary, folder, format, force, device, store, json };
        command.SetAction(async (parsed, _) =>
        {
            var layout = parsed.Layout(store);
            var artefacts = new ArtefactStore(layout, context.Time);
            var id = DictionaryLookup.Dictionary(artefacts, parsed.GetRequiredValue(dictionary));
            var (typed, isForced) = (parsed.GetRequiredValue(folder), parsed.GetValue(force));
            IReadOnlyList<string> again = ["export", id.Value, typed, "--format", parsed.GetRequiredValue(format), .. isForced ? new[] { "--force" } : []];
            var run = new RunRequest("export", again, layout, parsed.GetRequiredValue(store), parsed.GetRequiredValue(device), parsed.Gives(device), parsed.GetValue(json));
            return await Run(context, artefacts, new ExportStage(id.Stage, parsed.GetRequiredValue(format)), Path.GetFullPath(typed), isForced, run);
        });
        return command;
    }

    private static async Task<int> Run(ClientContext context, ArtefactStore store, ExportStage stage, string folder, bool force, RunRequest run)
    {
        RequireFree(folder, force);
        var plan = Plan(store, stage, run);
        await using var experiment = new ExperimentRun(context, run, plan, _ =>
        {
            var files = Copy(store, plan.Stages[^1].Key, folder);
            Show(context.Screen, stage, folder, files, run.Json);
        });
        return await experiment.Execute();
    }

    private static ExperimentPlan Plan(ArtefactStore store, ExportStage stage, RunRequest run)
    {
        try
        {
            return InterchangePlans.Export(
                store, stage, $"export-{stage.Format}", $"# orchestrator {string.Join(' ', run.Command.Select(CommandLineText.Quote))}{Environment.NewLine}");
        }
        catch (InvalidDataException exception)
        {
            throw CommandFailure.Usage(exception.Message);
        }
    }

    private static void RequireFree(string folder, bool force)
    {
        if (File.Exists(folder))
        {
            throw CommandFailure.Usage($"{folder} is a file; allowed: a folder.");
        }

        if (!force && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw CommandFailure.Usage($"{folder} is not empty. Name another folder, or give --force to write into it.");
        }
    }

    /// <summary>Each file whole or not at all; not linked, as the user may change what is his.</summary>
    private static IReadOnlyList<string> Copy(ArtefactStore store, StageKey export, string folder)
    {
        Directory.CreateDirectory(folder);
        var files = store.ReadManifest(export)!.Files.Select(file => file.Path).ToList();
        foreach (var file in files)
        {
            var (target, temporary) = (Path.Combine(folder, file), Path.Combine(folder, $".{file}.new"));
            File.Copy(store.FileOf(export, file), temporary, overwrite: true);
            File.Move(temporary, target, overwrite: true);
        }

        return files;
    }

    private static void Show(Screen screen, ExportStage stage, string folder, IReadOnlyList<string> files, bool json)
    {
        if (json)
        {
            screen.WriteJson(new { Dictionary = stage.Dictionary.Value, stage.Format, Folder = folder, Files = files });
            return;
        }

        screen.Line($"Wrote {stage.Dictionary} as {stage.Format}: {string.Join(", ", files.Select(file => Path.Combine(folder, file)))}");
    }
}
