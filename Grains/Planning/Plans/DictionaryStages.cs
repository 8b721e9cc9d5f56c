using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Specs;

namespace Orchestrator.Planning.Plans;

/// <summary>A dictionary of a plan.</summary>
/// <param name="Key">Its stage.</param>
/// <param name="Model">Whose activations it is of.</param>
/// <param name="FeatureCount">F.</param>
/// <param name="Point">What the spec says of it; null: imported.</param>
internal sealed record PlannedDictionary(StageKey Key, PlannedModel Model, int FeatureCount, DictionaryPoint? Point);

/// <summary>The dictionaries: on each model every point of the sweep, on the twin those meant for it.</summary>
internal static class DictionaryStages
{
    public static IReadOnlyList<PlannedDictionary> Add(
        PlanBuilder plan,
        ExperimentSpec spec,
        StageKey tokenizer,
        StageKey tokens,
        IReadOnlyList<PlannedModel> models)
    {
        var dictionaries = new List<PlannedDictionary>();
        foreach (var model in models)
        {
            // A twin's are nulls: they are trained whole. One alone has nobody to compete with.
            var earlyStop = model.RandomWeights || spec.Dictionaries.Points.Count < 2 ? null : spec.EarlyStop;
            foreach (var point in spec.Dictionaries.Points.Where(point => !model.RandomWeights || point.OnRandomTwin))
            {
                // A twin reads the same tokens from the same seed as the model it is the null of: only the weights differ.
                var harvest = spec.Harvest with { Seed = DerivedSeed.Of("stream", model.Seed) };
                if (point.Definition.Architecture != DictionaryArchitecture.Transcoder)
                {
                    harvest = harvest with { TargetHookPoint = null };
                }

                var definition = point.Definition with { Seed = DerivedSeed.Of("dictionary", point.Definition.Seed, model.Seed) };
                var stage = new DictionaryStage(tokenizer, tokens, model.Key, harvest, definition, spec.Evaluation);
                var key = plan.Add(stage, $"dictionary {NameOf(point)} on {model.Label}", definition.Tokens, StreamOf(tokens, model.Key, harvest, definition.BatchSize), earlyStop);
                dictionaries.Add(new PlannedDictionary(key, model, definition.FeatureCount, point));
            }
        }

        dictionaries.AddRange(spec.Dictionaries.Imported.Select(stored => Imported(plan, stored, models)));
        return dictionaries;
    }

    private static string NameOf(DictionaryPoint point)
    {
        var size = point.Definition.FeatureCount.ToString("N0", CultureInfo.InvariantCulture);
        var name = point.Family.Length == 0 ? size : $"{point.Family} {size}";
        return point.Details.Count == 0 ? name : $"{name}, {string.Join(", ", point.Details)},";
    }

    /// <summary>One that is there already; it stands beside none of the sweep's sparsities.</summary>
    private static PlannedDictionary Imported(PlanBuilder plan, StoredDictionary stored, IReadOnlyList<PlannedModel> models)
    {
        var model = models.FirstOrDefault(model => model.Key == stored.Model)
            ?? throw new PlanException($"dictionaries.imported: {stored.Key} is of {stored.Model}; this spec's models are {string.Join(", ", models.Select(model => model.Key))}.");
        var key = plan.Add(stored.Stage, string.Create(CultureInfo.InvariantCulture, $"imported dictionary {stored.FeatureCount:N0} on {model.Label}"), 0);
        return new PlannedDictionary(key, model, stored.FeatureCount, null);
    }

    private static string StreamOf(StageKey tokens, StageKey model, HarvestDefinition harvest, int batchSize)
    {
        var text = $"{tokens}\n{model}\n{JsonSerializer.Serialize(harvest, StageDefinition.Json)}\n{batchSize.ToString(CultureInfo.InvariantCulture)}";
        return $"stream-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12]}";
    }
}
