using System.Text.Json;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Planning.Plugins;

namespace Orchestrator.Unit.Planning;

/// <summary>A catalog like that of the built-in analyses, without their code.</summary>
internal static class TestPlugins
{
    public static PluginCatalog Catalog { get; } = new(
    [
        Plugin("universality", AnalysisInputs.SeedPair),
        Plugin("feature-splitting", AnalysisInputs.Sizes),
        Plugin("finite-state-automata", AnalysisInputs.Dictionary),
        Plugin("feature-report", AnalysisInputs.Dictionary),
        Plugin("density", AnalysisInputs.Dictionary),
        Plugin("proxies", AnalysisInputs.Dictionary),
    ]);

    public static PluginEntry Plugin(string kind, AnalysisInputs inputs, string sha256 = "00") => new(
        "/plugins/" + kind,
        PluginState.Active,
        new PluginManifest
        {
            Id = "test." + kind,
            Version = "1.0.0",
            EntryAssembly = "Test.dll",
            ContractLevel = PluginManifest.CurrentContractLevel,
            Analyses = [Analysis(kind, inputs)],
        },
        sha256,
        null);

    private static AnalysisManifest Analysis(string kind, AnalysisInputs inputs) => new()
    {
        Kind = kind,
        Type = "Test.Analysis",
        Summary = "What?",
        Inputs = inputs,
        Options =
        [
            new OptionManifest { Name = "max_tokens", Type = OptionType.Integer, Default = Json("50000"), Minimum = 1_000, Maximum = 1_000_000_000, Description = "Tokens." },
            new OptionManifest { Name = "threshold", Type = OptionType.Number, Default = Json("0.40"), Minimum = 0, Maximum = 1, Description = "Cosine." },
            new OptionManifest { Name = "order", Type = OptionType.Text, Default = Json("\"density\""), Allowed = ["density", "index"], Description = "Order." },
            new OptionManifest { Name = "figures", Type = OptionType.Boolean, Default = Json("true"), Description = "Whether to draw." },
            .. kind == "proxies" ? [new OptionManifest { Name = "patterns", Type = OptionType.Patterns, Default = Json("{}"), Description = "Expressions." }] : Array.Empty<OptionManifest>(),
        ],
        Metrics = [new MetricManifest { Name = "edges", Unit = "edges", Version = 1, Description = "Edges." }],
    };

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
