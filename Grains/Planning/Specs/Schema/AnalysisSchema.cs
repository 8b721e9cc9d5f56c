using System.Text.Json.Nodes;
using Orchestrator.Planning.Plugins;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>The JSON Schema of <c>analyses</c>.</summary>
internal static class AnalysisSchema
{
    /// <summary>Whatever plugins there are.</summary>
    public static JsonObject Any() => List(
        new JsonObject { ["type"] = "string", ["minLength"] = 1 },
        new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["kind"] = new JsonObject { ["type"] = "string", ["minLength"] = 1 } },
            ["required"] = new JsonArray("kind"),
        });

    /// <summary>Those that are installed, each with its options.</summary>
    public static JsonObject Of(PluginCatalog plugins)
    {
        var kinds = plugins.Analyses.Values.Select(offered => offered.Analysis).OrderBy(analysis => analysis.Kind, StringComparer.Ordinal).ToList();
        var names = new JsonObject { ["enum"] = new JsonArray([.. kinds.Select(analysis => (JsonNode)analysis.Kind)]) };
        return List([names, .. kinds.Select(analysis =>
        {
            var section = new SectionKey("", analysis.Summary, [new TextKey("kind", "") { Values = [analysis.Kind], Required = true }, .. analysis.Options.Select(AnalysisReader.KeyOf)]);
            return section.Describe();
        })]);
    }

    private static JsonObject List(params ReadOnlySpan<JsonNode?> items) => new()
    {
        ["type"] = "array",
        ["items"] = new JsonObject { ["anyOf"] = new JsonArray(items) },
        ["maxItems"] = AnalysisReader.MaxAnalyses,
    };
}
