using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Abstractions.Analyses;

/// <summary><c>plugin.json</c>: what a plugin folder offers, readable without loading any of its code. snake_case.</summary>
public sealed record PluginManifest
{
    /// <summary>The contract that this host speaks; only plugins of the same level load.</summary>
    public const int CurrentContractLevel = 1;

    /// <summary>How manifests are written.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Unique, for example <c>orchestrator.universality</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Major.minor.patch.</summary>
    public required string Version { get; init; }

    /// <summary>File name of the assembly that holds the analyses, in the plugin's folder.</summary>
    public required string EntryAssembly { get; init; }

    public required int ContractLevel { get; init; }

    /// <summary>Whether it references the Numerics room, and so TorchSharp, from the host.</summary>
    public bool UsesTensors { get; init; }

    public required IReadOnlyList<AnalysisManifest> Analyses { get; init; }
}

/// <summary>One analysis that a plugin offers.</summary>
public sealed record AnalysisManifest
{
    /// <summary>kebab-case; what a spec's <c>kind</c> names.</summary>
    public required string Kind { get; init; }

    /// <summary>Full name of the class that implements <see cref="IAnalysis"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The question it answers, one sentence.</summary>
    public required string Summary { get; init; }

    public required AnalysisInputs Inputs { get; init; }

    public IReadOnlyList<OptionManifest> Options { get; init; } = [];

    public required IReadOnlyList<MetricManifest> Metrics { get; init; }
}

/// <summary>For which dictionaries an analysis runs: once for each of these.</summary>
public enum AnalysisInputs
{
    /// <summary>Each dictionary of a trained model.</summary>
    Dictionary,

    /// <summary>All sizes trained on one model, ascending; at least two.</summary>
    Sizes,

    /// <summary>Equal dictionaries on two models that differ in their seed.</summary>
    SeedPair,
}

/// <summary>An option of an analysis.</summary>
public sealed record OptionManifest
{
    /// <summary>snake_case.</summary>
    public required string Name { get; init; }

    public required OptionType Type { get; init; }

    public required JsonElement Default { get; init; }

    /// <summary>Smallest value allowed (numbers).</summary>
    public double? Minimum { get; init; }

    /// <summary>Largest value allowed (numbers).</summary>
    public double? Maximum { get; init; }

    /// <summary>The values allowed (text); null: any.</summary>
    public IReadOnlyList<string>? Allowed { get; init; }

    /// <summary>Unit and meaning, one sentence.</summary>
    public required string Description { get; init; }
}

/// <summary>The type of an option's value.</summary>
public enum OptionType
{
    Integer,
    Number,
    Text,
    Boolean,

    /// <summary>A mapping of names (snake_case) to regular expressions, each as <see cref="TextPattern"/> takes it.</summary>
    Patterns,
}

/// <summary>A metric that an analysis promises.</summary>
public sealed record MetricManifest
{
    /// <summary>snake_case.</summary>
    public required string Name { get; init; }

    public required string Unit { get; init; }

    /// <summary>Raised when the definition changes.</summary>
    public required int Version { get; init; }

    /// <summary>The formula, or one sentence.</summary>
    public required string Description { get; init; }
}
