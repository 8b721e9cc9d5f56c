using System.Text.Json;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Planning.Plugins;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs;

/// <summary>Reads the list of analyses against the manifests of the plugins that offer them.</summary>
internal static class AnalysisReader
{
    public const int MaxAnalyses = 1_000;

    /// <summary>Runs of analyses of one experiment.</summary>
    private const int MaxRuns = 50_000;

    private const string KindName = "kind";

    public static IReadOnlyList<AnalysisRequest> Read(SpecSection root, PluginCatalog plugins, SpecProblems problems)
    {
        if (!root.TryGet(SpecSchema.Analyses, out var node))
        {
            return [];
        }

        if (node is not ListNode { Items.Count: <= MaxAnalyses } list)
        {
            problems.Add(node, "analyses: wrong value", node.Found, $"a list of at most {Shown.Number(MaxAnalyses)}, each a kind or a mapping with a kind");
            return [];
        }

        var requests = new List<AnalysisRequest>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (Read(list.Items[i], $"analyses[{i}]", root, plugins, problems) is { } request)
            {
                requests.Add(request);
            }
        }

        return requests;
    }

    private static AnalysisRequest? Read(SpecNode node, string path, SpecSection root, PluginCatalog plugins, SpecProblems problems)
    {
        var kindNode = node is MappingNode mapping
            ? mapping.Entries.Where(entry => entry.Key.Text == KindName).Select(entry => entry.Value).FirstOrDefault()
            : node;
        if (kindNode is not ScalarNode { IsNothing: false } kind)
        {
            problems.Add(kindNode ?? node, kindNode is null ? $"missing key '{path}.kind'" : $"{path}: wrong value", kindNode?.Found, Kinds(plugins));
            return null;
        }

        if (!plugins.TryFind(kind.Text, out var offered))
        {
            AddUnknownKind(kind, path, plugins, problems);
            return null;
        }

        CheckSeeds(kind, path, offered.Analysis, root, problems);
        if (node is not MappingNode options)
        {
            return new AnalysisRequest(kind.Text, new Dictionary<string, JsonElement>());
        }

        var keys = offered.Analysis.Options.ToDictionary(option => option.Name, KeyOf);
        var section = SpecSection.Read(options, path, new SectionKey("", "", [new TextKey(KindName, ""), .. keys.Values]), problems);
        var given = keys.Where(pair => section.Gives(pair.Value))
            .Select(pair => (pair.Key, Value: section.ValueOf(pair.Value)))
            .Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Key, pair => JsonSerializer.SerializeToElement(pair.Value));
        return new AnalysisRequest(kind.Text, given);
    }

    /// <summary>An option of a manifest, read and explained like any key of the spec.</summary>
    internal static Key KeyOf(OptionManifest option) => option.Type switch
    {
        OptionType.Integer => new IntegerKey(option.Name, option.Description,
            (long)Math.Ceiling(Math.Max(option.Minimum ?? double.MinValue, -(1L << 53))),
            (long)Math.Floor(Math.Min(option.Maximum ?? double.MaxValue, 1L << 53))),
        OptionType.Number => new NumberKey(option.Name, option.Description, option.Minimum ?? double.MinValue, option.Maximum ?? double.MaxValue),
        OptionType.Boolean => new BooleanKey(option.Name, option.Description),
        OptionType.Patterns => new PatternsKey(option.Name, option.Description),
        _ => new TextKey(option.Name, option.Description) { Values = option.Allowed },
    };

    private static void AddUnknownKind(ScalarNode kind, string path, PluginCatalog plugins, SpecProblems problems)
    {
        if (plugins.FindInactive(kind.Text) is { } plugin)
        {
            problems.Add(kind, $"{path}: the plugin in {Shown.Quoted(plugin.Name)} that offers {kind.Text} cannot be used: {Shown.OneLine(plugin.Reason ?? "")}", null, Kinds(plugins));
            return;
        }

        problems.Add(kind, $"{path}: unknown analysis kind", kind.Found, Kinds(plugins), NearestName.Of(kind.Text, plugins.Analyses.Keys));
    }

    /// <summary>An analysis that would find nothing to compare is a mistake of the spec.</summary>
    private static void CheckSeeds(ScalarNode kind, string path, AnalysisManifest analysis, SpecSection root, SpecProblems problems)
    {
        if (analysis.Inputs == AnalysisInputs.SeedPair
            && root.Get(SpecSchema.Model).TryGet(ModelKeys.Seeds, out var seeds) && seeds.Count < 2)
        {
            problems.Add(kind, $"{path}: {analysis.Kind} compares seeds", "one of model.seeds", "at least two");
        }
    }

    /// <summary>The same of what only the whole sweep tells; and a product has a limit here too.</summary>
    /// <param name="spec">Without other mistakes.</param>
    public static void CheckInputs(SpecSection root, PluginCatalog plugins, ExperimentSpec spec, SpecProblems problems)
    {
        if (!root.TryGet(SpecSchema.Analyses, out var node) || node is not ListNode list)
        {
            return;
        }

        var dictionaries = ((long)spec.Dictionaries.Points.Count * spec.Models.Seeds.Count) + spec.Dictionaries.Imported.Count;
        if (dictionaries * list.Items.Count > MaxRuns)
        {
            problems.Add(node, $"analyses: {Shown.Number(list.Items.Count)} analyses of {Shown.Number(dictionaries)} dictionaries are {Shown.Number(dictionaries * list.Items.Count)} runs", null, $"at most {Shown.Number(MaxRuns)}");
        }

        var compares = spec.Dictionaries.Points.GroupBy(point => point.Variant).Any(sizes => sizes.DistinctBy(point => point.Definition.FeatureCount).Count() > 1);
        if (compares || spec.Dictionaries.Points.Count == 0)
        {
            return;
        }

        for (var i = 0; i < list.Items.Count; i++)
        {
            if (spec.Analyses[i].Kind is var kind && plugins.TryFind(kind, out var offered) && offered.Analysis.Inputs == AnalysisInputs.Sizes)
            {
                problems.Add(list.Items[i], $"analyses[{i}]: {kind} compares sizes", "no dictionaries that differ in feature_count only", "at least two");
            }
        }
    }

    private static string Kinds(PluginCatalog plugins) => plugins.Analyses.Count == 0
        ? "none: no analysis plugin is installed"
        : Shown.OneOf(plugins.Analyses.Keys.Order(StringComparer.Ordinal));
}
