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
/// <param name="Sparsity">The sweep's value; NaN: imported.</param>
internal sealed record PlannedDictionary(StageKey Key, PlannedModel Model, int FeatureCount, double Sparsity);

/// <summary>The dictionaries: on each model each size with each sparsity, on the twin the sizes meant for it.</summary>
internal static class DictionaryStages
{
    public static IReadOnlyList<PlannedDictionary> Add(
        PlanBuilder plan,
        ExperimentSpec spec,
        StageKey tokenizer,
        StageKey tokens,
        IReadOnlyList<PlannedModel> models)
    {
        var sweep = spec.Dictionaries;
        var dictionaries = new List<PlannedDictionary>();
        foreach (var model in models)
        {
            // A twin reads the same tokens from the same seed as the model it is the null of: only the weights differ.
            var harvest = spec.Harvest with { Seed = DerivedSeed.Of("stream", model.Seed) };
            var stream = StreamOf(tokens, model.Key, harvest, sweep.Template.BatchSize);
            foreach (var size in model.RandomWeights ? sweep.RandomTwinFeatureCounts : sweep.FeatureCounts)
            {
                foreach (var sparsity in sweep.Sparsities)
                {
                    var definition = sweep.Template.WithSparsity(sweep.Parameter, sparsity) with
                    {
                        FeatureCount = size,
                        Seed = DerivedSeed.Of("dictionary", sweep.Template.Seed, model.Seed),
                    };
                    var stage = new DictionaryStage(tokenizer, tokens, model.Key, harvest, definition.WithDefaults(), spec.Evaluation);
                    var key = plan.Add(stage, LabelOf(model, size, sparsity, sweep), definition.Tokens, stream);
                    dictionaries.Add(new PlannedDictionary(key, model, size, sparsity));
                }
            }
        }

        dictionaries.AddRange(sweep.Imported.Select(stored => Imported(plan, stored, models)));
        return dictionaries;
    }

    /// <summary>One that is there already; it stands beside none of the sweep's sparsities.</summary>
    private static PlannedDictionary Imported(PlanBuilder plan, StoredDictionary stored, IReadOnlyList<PlannedModel> models)
    {
        var model = models.FirstOrDefault(model => model.Key == stored.Model)
            ?? throw new PlanException($"dictionaries.imported: {stored.Key} is of {stored.Model}; this spec's models are {string.Join(", ", models.Select(model => model.Key))}.");
        var key = plan.Add(stored.Stage, string.Create(CultureInfo.InvariantCulture, $"imported dictionary {stored.FeatureCount:N0} on {model.Label}"), 0);
        return new PlannedDictionary(key, model, stored.FeatureCount, double.NaN);
    }

    private static string LabelOf(PlannedModel model, int size, double sparsity, DictionarySweep sweep)
    {
        var which = sweep.Sparsities.Count > 1 ? $", {sweep.Parameter.Label(sparsity)}," : "";
        return string.Create(CultureInfo.InvariantCulture, $"dictionary {size:N0}{which} on {model.Label}");
    }

    private static string StreamOf(StageKey tokens, StageKey model, HarvestDefinition harvest, int batchSize)
    {
        var text = $"{tokens}\n{model}\n{JsonSerializer.Serialize(harvest, StageDefinition.Json)}\n{batchSize.ToString(CultureInfo.InvariantCulture)}";
        return $"stream-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12]}";
    }
}
