using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Planning.Clusters;
using Orchestrator.Planning.Plugins;
using Orchestrator.Planning.Specs.Schema;

namespace Orchestrator.Planning.Specs;

/// <summary>
/// JSON Schemas (draft 7) with which editors check and complete specs and cluster files, from the description of the keys
/// that the readers themselves use. A schema allows whatever its reader does; some rules between keys only the reader knows.
/// </summary>
public static class EditorSchema
{
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Of a spec.</summary>
    /// <param name="plugins">Whose analyses a spec may ask for; null: any.</param>
    public static string OfSpec(PluginCatalog? plugins = null)
    {
        var schema = Whole("Experiment of the orchestrator", SpecSchema.Root);
        if (plugins is not null)
        {
            var analyses = AnalysisSchema.Of(plugins);
            analyses["description"] = SpecSchema.Analyses.Doc;
            schema["properties"]![SpecSchema.Analyses.Name] = analyses;
        }

        schema["definitions"] = new JsonObject { [SpecSchema.Dictionaries.Name] = SpecSchema.Dictionaries.Section.Describe() };
        return Write(schema);
    }

    /// <summary>Of a cluster's file.</summary>
    public static string OfCluster() => Write(Whole("Cluster of the orchestrator", ClusterKeys.Root));

    private static JsonObject Whole(string title, SectionKey root)
    {
        var schema = root.Describe();
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        schema.Insert(1, "title", title);
        return schema;
    }

    private static string Write(JsonObject schema) => schema.ToJsonString(Written).ReplaceLineEndings("\n") + "\n";
}
