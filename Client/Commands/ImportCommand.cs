using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Client.Display;
using Orchestrator.Client.Features;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary><c>import DIR</c>: reads another tool's dictionary into the store, and measures it on a model.</summary>
internal static class ImportCommand
{
    private const string ModelPrefix = "model-";

    private static readonly EvaluationDefinition Defaults = new();

    public static Command Create(ClientContext context)
    {
        var folder = CommonOptions.Folder("A folder of SAELens, of a trainer of dictionary_learning, or of a hook point of sparsify.");
        var model = new Option<string?>("--model") { Description = "Whose activations it is of: a model of the store, or the beginning of its id; not given: the only one that was trained.", HelpName = "MODEL" };
        var name = new Option<string?>("--as") { Description = "What to call it: every verb takes the name in place of the id.", HelpName = "NAME" };
        var force = new Option<bool>("--force") { Description = "Take the name from another dictionary that has it." };
        var hookPoint = HookPointOption("--hook-point", "Where its inputs are read; not given: where its files say.");
        var target = HookPointOption("--target-hook-point", "What a transcoder reconstructs; not given: what its files say.");
        var tokens = new Option<long>("--tokens") { Description = "Validation tokens to measure it on.", HelpName = "N", DefaultValueFactory = _ => Defaults.Tokens };
        tokens.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1))
            {
                result.AddError("--tokens is a number above 0.");
            }
        });
        var ultralow = new Option<double>("--ultralow-density") { Description = "Features that fire on a smaller share of tokens count to the ultralow density cluster.", HelpName = "X", DefaultValueFactory = _ => Defaults.UltralowDensity };
        ultralow.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is > 0 and < 1))
            {
                result.AddError("--ultralow-density is a number between 0 and 1.");
            }
        });
        var (device, store, json) = (CommonOptions.Device(), CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("import", "Bring in a dictionary of another tool, and measure it.") { folder, model, name, force, hookPoint, target, tokens, ultralow, device, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var layout = parsed.Layout(store);
            var request = new ImportRequest(
                parsed.GetRequiredValue(folder),
                ModelOf(new ArtefactStore(layout, context.Time), parsed.GetValue(model)),
                parsed.GetValue(name),
                parsed.GetValue(force),
                parsed.GetValue(hookPoint),
                parsed.GetValue(target),
                new EvaluationDefinition { Tokens = parsed.GetValue(tokens), UltralowDensity = parsed.GetValue(ultralow) });
            var run = new RunRequest("import", request.ToCommand(), layout, parsed.GetRequiredValue(store), parsed.GetRequiredValue(device), parsed.Gives(device), parsed.GetValue(json));
            return await Run(context, request, run, cancellationToken);
        });
        return command;
    }

    private static async Task<int> Run(ClientContext context, ImportRequest request, RunRequest run, CancellationToken cancellationToken)
    {
        var store = new ArtefactStore(run.Layout, context.Time);
        var names = new DictionaryNames(run.Layout);
        RequireName(names, request, dictionary: null);
        var plan = Plan(store, request, cancellationToken);
        var dictionary = new DictionaryId(plan.Stages[^1].Key.Value);
        RequireName(names, request, dictionary);
        await using var experiment = new ExperimentRun(context, run, plan, _ =>
        {
            if (request.Name is { } name)
            {
                names.Set(name, dictionary);
            }

            Show(context.Screen, dictionary, request.Name, ResultJson.Read<DictionaryResult>(store.FileOf(dictionary.Stage, "result.json")), run.Json);
        });
        return await experiment.Execute();
    }

    private static ExperimentPlan Plan(ArtefactStore store, ImportRequest request, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(request.Folder);
        if (!Directory.Exists(folder))
        {
            throw CommandFailure.Usage($"There is no folder {folder}.");
        }

        var fingerprint = FolderFingerprint.Compute(folder, cancellationToken);
        try
        {
            return InterchangePlans.Import(
                store,
                request.Model,
                (tokenizer, tokens) => new ImportStage(
                    tokenizer, tokens, request.Model, folder, fingerprint, request.HookPoint, request.Evaluation, request.TargetHookPoint),
                request.Name ?? Path.GetFileName(folder),
                request.ExperimentName,
                $"# orchestrator {string.Join(' ', request.ToCommand().Select(CommandLineText.Quote))}{Environment.NewLine}");
        }
        catch (InvalidDataException exception)
        {
            throw CommandFailure.Usage(exception.Message);
        }
    }

    /// <summary>A name that is taken is told before anything is computed.</summary>
    /// <param name="dictionary">What the name is for; null: it is not known yet.</param>
    private static void RequireName(DictionaryNames names, ImportRequest request, DictionaryId? dictionary)
    {
        if (request.Name is not { } name)
        {
            return;
        }

        if (DictionaryNames.Problem(name) is { } problem)
        {
            throw CommandFailure.Usage($"'{name}' can be no name: {problem}.");
        }

        if (dictionary is not null && !request.Force && names.Find(name) is { } taken && taken != dictionary)
        {
            throw CommandFailure.Usage($"'{name}' is already {taken}. Choose another name, or give --force.");
        }
    }

    /// <summary>The model that the user names, or the only one that he can mean.</summary>
    private static StageKey ModelOf(ArtefactStore store, string? text)
    {
        var ids = ArtefactIds.Of(store, ModelPrefix);
        if (text is null)
        {
            var trained = ids.Where(id => !ResultJson.Read<ModelResult>(store.FileOf(new StageKey(id), "result.json")).RandomWeights).ToList();
            return trained switch
            {
                [var only] => new StageKey(only),
                [] => throw CommandFailure.Usage("The store holds no trained model yet, and a dictionary is measured on one: run a spec first."),
                _ => throw CommandFailure.Usage($"The store holds {trained.Count} trained models; name one with --model: {string.Join(", ", trained.Take(5))}{(trained.Count > 5 ? " …" : "")}."),
            };
        }

        var isShort = text.Length > 0 && ids.Any(id => id.StartsWith(ModelPrefix + text, StringComparison.Ordinal));
        return new StageKey(UniquePrefix.Resolve("model", isShort ? ModelPrefix + text : text, ids));
    }

    private static void Show(Screen screen, DictionaryId dictionary, string? name, DictionaryResult result, bool json)
    {
        if (json)
        {
            screen.WriteJson(new { Dictionary = dictionary.Value, Name = name, Result = result });
            return;
        }

        screen.Heading($"{dictionary}{(name is null ? "" : $", called {name}")}: {result.ImportedFrom}");
        var table = new TextTable("!architecture", ">size", ">L0", ">recovered", ">explained", ">dead", ">ultralow", ">tokens");
        table.Add(
            result.Architecture,
            Numbers.Count(result.FeatureCount),
            Numbers.L0(result.L0),
            Numbers.Fraction(result.LossRecovered),
            Numbers.Fraction(result.ExplainedVariance),
            Numbers.Count(result.DeadFeatures),
            Numbers.Count(result.UltralowDensityFeatures),
            Numbers.Count(result.EvaluationTokens));
        screen.Write(table);
    }

    private static Option<string?> HookPointOption(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "HOOK" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !HookPoint.TryParse(token.Value, out _))
            {
                result.AddError($"'{token.Value}' is no hook point; allowed: {HookPoint.Forms} (L: a layer, from 0).");
            }
        });
        return option;
    }
}
