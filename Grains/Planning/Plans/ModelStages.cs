using System.Globalization;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Specs;

namespace Orchestrator.Planning.Plans;

/// <summary>A model of a plan.</summary>
/// <param name="Key">Its stage.</param>
/// <param name="Seed">That it, or the model it is the twin of, was trained from.</param>
/// <param name="RandomWeights">Whether it is a random twin.</param>
internal sealed record PlannedModel(StageKey Key, ulong Seed, bool RandomWeights)
{
    public string Label => string.Create(CultureInfo.InvariantCulture, $"{(RandomWeights ? "random twin of " : "")}model seed {Seed}");
}

/// <summary>The models: one for each seed, and the first one's random twin.</summary>
internal static class ModelStages
{
    public static IReadOnlyList<PlannedModel> Add(PlanBuilder plan, ExperimentSpec spec, StageKey tokenizer, StageKey tokens)
    {
        var sweep = spec.Models;
        var models = new List<PlannedModel>();
        foreach (var seed in sweep.Seeds)
        {
            var stage = new ModelStage(tokenizer, tokens, sweep.Architecture, sweep.Training, seed);
            models.Add(new PlannedModel(plan.Add(stage, LabelOf(seed, false), sweep.Training.Tokens), seed, RandomWeights: false));
        }

        if (sweep.RandomTwin)
        {
            var first = models[0];
            var stage = new RandomTwinStage(tokenizer, tokens, first.Key, DerivedSeed.Of("random-twin", first.Seed));
            models.Add(new PlannedModel(plan.Add(stage, LabelOf(first.Seed, true), sweep.Training.ValidationTokens), first.Seed, RandomWeights: true));
        }

        return models;
    }

    private static string LabelOf(ulong seed, bool random) => new PlannedModel(default, seed, random).Label;
}
