using System.Globalization;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Bench;

/// <summary>What the command line of a benchmark of transformers says.</summary>
internal sealed record ModelBenchOptions
{
    public TransformerDefinition Architecture { get; init; } = new();

    public int VocabularySize { get; init; } = 2_048;

    /// <summary>Contexts of a training batch.</summary>
    public IReadOnlyList<int> Contexts { get; init; } = [8, 32];

    /// <summary>What is harvested: one hook point, or two for a stream with targets.</summary>
    public IReadOnlyList<(HookPoint Input, HookPoint? Target)> HookPoints { get; init; } =
    [
        (HookPoint.Parse("blocks.0.mlp.hook_post"), null),
        (HookPoint.Parse("blocks.0.hook_resid_post"), null),
        (HookPoint.Parse("blocks.0.ln2.hook_normalized"), HookPoint.Parse("blocks.0.hook_mlp_out")),
    ];

    /// <summary>Measured rounds, each with every contestant.</summary>
    public int Rounds { get; init; } = 9;

    /// <exception cref="FormatException">An option is unknown or its value is wrong.</exception>
    public static ModelBenchOptions Parse(IEnumerable<string> arguments)
    {
        var options = new ModelBenchOptions();
        foreach (var pair in arguments.Chunk(2))
        {
            if (pair.Length != 2) throw new FormatException($"{pair[0]} needs a value.");
            var model = options.Architecture;
            options = pair[0] switch
            {
                "--layers" => options with { Architecture = model with { Layers = Whole(pair[1]) } },
                "--model-dim" => options with { Architecture = model with { ModelDim = Whole(pair[1]) } },
                "--mlp-dim" => options with { Architecture = model with { MlpDim = Whole(pair[1]) } },
                "--heads" => options with { Architecture = model with { Heads = Whole(pair[1]) } },
                "--context" => options with { Architecture = model with { ContextLength = Whole(pair[1]) } },
                "--vocabulary" => options with { VocabularySize = Whole(pair[1]) },
                "--contexts" => options with { Contexts = [.. pair[1].Split(',').Select(Whole)] },
                "--hooks" => options with { HookPoints = [.. pair[1].Split(',').Select(Hooks)] },
                "--rounds" => options with { Rounds = Whole(pair[1]) },
                _ => throw new FormatException($"{pair[0]} is unknown."),
            };
        }

        return options;
    }

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static (HookPoint Input, HookPoint? Target) Hooks(string text) => text.Split('>') is [var input, var target]
        ? (HookPoint.Parse(input), HookPoint.Parse(target))
        : (HookPoint.Parse(text), null);
}
