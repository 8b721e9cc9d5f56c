using System.CommandLine;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Bench.Reporting;

namespace Orchestrator.Bench;

/// <summary>The command line: a verb for each benchmark, and one for all of them.</summary>
internal sealed class BenchCommand
{
    private readonly Option<string> _features = Given("--features", "512,4096,16384", "dictionary sizes");
    private readonly Option<int> _dim = Given("--dim", 512, "width of a dictionary's input");
    private readonly Option<int> _batch = Given("--batch", 2_048, "vectors of a batch");
    private readonly Option<double> _l0 = Given("--l0", 32.0, "active features per token");
    private readonly Option<int> _layers = Given("--layers", 1, "layers of the transformer");
    private readonly Option<int> _modelDim = Given("--model-dim", 128, "its width");
    private readonly Option<int> _mlpDim = Given("--mlp-dim", 512, "its MLP's width");
    private readonly Option<int> _heads = Given("--heads", 4, "its heads");
    private readonly Option<int> _context = Given("--context", 128, "its context");
    private readonly Option<int> _vocabulary = Given("--vocabulary", 2_048, "its vocabulary");
    private readonly Option<string> _contexts = Given("--contexts", "8,32", "contexts of a training batch");
    private readonly Option<string> _hooks = Given(
        "--hooks", "blocks.0.mlp.hook_post,blocks.0.hook_resid_post,blocks.0.ln2.hook_normalized>blocks.0.hook_mlp_out", "hook points: of a stream, or input>target");
    private readonly Option<int> _rounds = Given("--rounds", 7, "interleaved rounds");
    private readonly Option<string?> _python = new("--python") { Description = "a Python with PyTorch, as another contestant (transformer)", Recursive = true };
    private readonly Option<string?> _write = new("--write") { Description = "folder for the tables and targets.json, as tests/Bench/results", Recursive = true };

    public RootCommand Create(IReadOnlyList<IBenchmark> benchmarks)
    {
        var root = new RootCommand("Measures the trainer against what else the same machine can do.");
        foreach (var option in new Option[] { _features, _dim, _batch, _l0, _layers, _modelDim, _mlpDim, _heads, _context, _vocabulary, _contexts, _hooks, _rounds, _python, _write })
            root.Options.Add(option);
        foreach (var benchmark in benchmarks) root.Subcommands.Add(Verb(benchmark.Name, benchmark.Summary, [benchmark]));
        root.Subcommands.Add(Verb("all", "all of these", benchmarks));
        return root;
    }

    private static Option<T> Given<T>(string name, T value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value, Recursive = true };

    private Command Verb(string name, string summary, IReadOnlyList<IBenchmark> benchmarks)
    {
        var command = new Command(name, summary);
        command.SetAction(parsed =>
        {
            var options = Options(parsed);
            foreach (var benchmark in benchmarks) Show(benchmark, options, parsed);
        });
        return command;
    }

    private void Show(IBenchmark benchmark, BenchOptions options, ParseResult parsed)
    {
        var command = $"dotnet run -c Release --project tests/Bench -- {benchmark.Name}{Changed(parsed)}";
        var report = benchmark.Run(options);
        var text = report.ToMarkdown(command);
        Console.WriteLine(text);
        if (parsed.GetValue(_write) is not { } folder) return;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, $"{benchmark.Name}.md"), text);
        TargetFile.Merge(Path.Combine(folder, "targets.json"), report.Targets, command);
    }

    /// <summary>Options that were given, as they were given.</summary>
    private string Changed(ParseResult parsed) => string.Concat(parsed.CommandResult.Command.Parents.OfType<Command>().First().Options
        .Where(option => option != _write && parsed.GetResult(option) is { Implicit: false })
        .Select(option => $" {option.Name} {string.Join(' ', parsed.GetResult(option)!.Tokens.Select(token => token.Value))}"));

    private BenchOptions Options(ParseResult parsed) => new()
    {
        Features = [.. Parts(parsed.GetValue(_features)!).Select(Whole)],
        Dim = parsed.GetValue(_dim),
        Batch = parsed.GetValue(_batch),
        L0 = parsed.GetValue(_l0),
        Model = new TransformerDefinition
        {
            Layers = parsed.GetValue(_layers),
            ModelDim = parsed.GetValue(_modelDim),
            MlpDim = parsed.GetValue(_mlpDim),
            Heads = parsed.GetValue(_heads),
            ContextLength = parsed.GetValue(_context),
        },
        VocabularySize = parsed.GetValue(_vocabulary),
        Contexts = [.. Parts(parsed.GetValue(_contexts)!).Select(Whole)],
        HookPoints = [.. Parts(parsed.GetValue(_hooks)!).Select(Hooks)],
        Rounds = parsed.GetValue(_rounds),
        Python = parsed.GetValue(_python),
    };

    private static string[] Parts(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static int Whole(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static (HookPoint Input, HookPoint? Target) Hooks(string text) => text.Split('>') is [var input, var target]
        ? (HookPoint.Parse(input), HookPoint.Parse(target))
        : (HookPoint.Parse(text), null);
}
