using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Plugins;
using Orchestrator.Planning.Specs;

namespace Orchestrator.Planning.Plans;

/// <summary>The analyses, each once for every input of the shape that its manifest declares.</summary>
internal sealed class AnalysisStages
{
    private readonly PlanBuilder _plan;
    private readonly ExperimentSpec _spec;
    private readonly StageKey _tokenizer;
    private readonly StageKey _tokens;
    private readonly IReadOnlyList<PlannedDictionary> _trained;
    private readonly IReadOnlyList<PlannedDictionary> _random;

    private AnalysisStages(PlanBuilder plan, ExperimentSpec spec, StageKey tokenizer, StageKey tokens, IReadOnlyList<PlannedDictionary> dictionaries)
    {
        _plan = plan;
        _spec = spec;
        _tokenizer = tokenizer;
        _tokens = tokens;
        _trained = [.. dictionaries.Where(dictionary => !dictionary.Model.RandomWeights)];
        _random = [.. dictionaries.Where(dictionary => dictionary.Model.RandomWeights)];
    }

    public static void Add(
        PlanBuilder plan,
        ExperimentSpec spec,
        PluginCatalog plugins,
        StageKey tokenizer,
        StageKey tokens,
        IReadOnlyList<PlannedDictionary> dictionaries)
    {
        var stages = new AnalysisStages(plan, spec, tokenizer, tokens, dictionaries);
        foreach (var request in spec.Analyses)
        {
            if (!plugins.TryFind(request.Kind, out var offered))
            {
                throw new ArgumentException($"No active plugin offers the analysis {request.Kind}.", nameof(spec));
            }

            var options = CanonicalOptions.Of(offered.Analysis, request.Options);
            foreach (var inputs in stages.InputsOf(offered.Analysis.Inputs))
            {
                stages.Add(offered, options, inputs);
            }
        }
    }

    private IEnumerable<IReadOnlyList<PlannedDictionary>> InputsOf(AnalysisInputs shape) => shape switch
    {
        AnalysisInputs.Dictionary => _trained.Select(dictionary => (IReadOnlyList<PlannedDictionary>)[dictionary]),
        AnalysisInputs.Sizes => _trained
            .GroupBy(dictionary => (dictionary.Model, dictionary.Point?.Variant))
            .Where(sizes => sizes.DistinctBy(dictionary => dictionary.FeatureCount).Count() > 1)
            .Select(sizes => (IReadOnlyList<PlannedDictionary>)[.. sizes.OrderBy(dictionary => dictionary.FeatureCount)]),
        AnalysisInputs.SeedPair => _trained
            .GroupBy(dictionary => (dictionary.FeatureCount, dictionary.Point))
            .SelectMany(equals => equals.Zip(equals.Skip(1), (first, second) => (IReadOnlyList<PlannedDictionary>)[first, second])),
        _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "No such shape of inputs."),
    };

    private void Add(OfferedAnalysis offered, IReadOnlyDictionary<string, JsonElement> options, IReadOnlyList<PlannedDictionary> inputs)
    {
        // Nulls that are alike but for their size: a null with another penalty would differ by more than its weights.
        List<PlannedDictionary> nulls = [.. _random
            .Where(dictionary => inputs[0].Point is not { } point || dictionary.Point?.Variant == point.Variant)
            .OrderBy(dictionary => dictionary.FeatureCount)];
        var manifest = offered.Plugin.Manifest!;
        var stage = new AnalysisStage(
            offered.Analysis.Kind,
            manifest.Id,
            manifest.Version,
            offered.Plugin.Sha256,
            _tokenizer,
            _tokens,
            [.. inputs.Select(dictionary => dictionary.Key)],
            [.. nulls.Select(dictionary => dictionary.Key)],
            [.. inputs.Concat(nulls).Select(dictionary => dictionary.Model.Key).Distinct()],
            options,
            DerivedSeed.Of("analysis", inputs[0].Point?.Definition.Seed ?? _spec.Dictionaries.Seed));
        _plan.Add(stage, LabelOf(offered.Analysis, inputs), WorkOf(options));
    }

    private static string LabelOf(AnalysisManifest analysis, IReadOnlyList<PlannedDictionary> inputs)
    {
        var sizes = AnalysisSizes.Text(inputs.Select(input => input.FeatureCount));
        var points = inputs.Select(input => input.Point).OfType<DictionaryPoint>().ToList();
        var details = points.Count == 0 ? [] : points[0].Details.Where(detail => points.All(point => point.Details.Contains(detail))).ToList();
        var which = points.Count == 0 ? " imported" : details.Count > 0 ? $", {string.Join(", ", details)}," : "";
        var family = points.Count == 0 || points[0].Family.Length == 0 ? "" : points[0].Family + " ";
        var seeds = string.Join(" and ", inputs.Select(input => input.Model.Seed).Distinct());
        return $"{analysis.Kind} of {family}{sizes}{which} on {(analysis.Inputs == AnalysisInputs.SeedPair ? "model seeds" : "model seed")} {seeds}";
    }

    /// <summary>By convention an analysis names the tokens it goes through <c>max_tokens</c>.</summary>
    private static long WorkOf(IReadOnlyDictionary<string, JsonElement> options) =>
        options.TryGetValue("max_tokens", out var tokens) && tokens.ValueKind == JsonValueKind.Number && tokens.TryGetInt64(out var count) ? count : 0;
}
