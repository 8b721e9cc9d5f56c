using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Planning.Plans;

/// <summary>Plans of one stage upon artefacts that a store holds: to bring dictionaries in, and out.</summary>
public static class InterchangePlans
{
    /// <summary>To read a dictionary from another tool's files.</summary>
    /// <param name="store">Holds the model and what it was made from.</param>
    /// <param name="model">Whose activations the dictionary is of.</param>
    /// <param name="make">The stage, given the tokenizer and the tokens of the model.</param>
    /// <param name="what">What people call the dictionary.</param>
    /// <param name="name">Of the experiment.</param>
    /// <param name="record">What the user asked for, kept with it.</param>
    /// <exception cref="InvalidDataException">The store lacks the model or something that it was made from.</exception>
    public static ExperimentPlan Import(
        ArtefactStore store, StageKey model, Func<StageKey, StageKey, ImportStage> make, string what, string name, string record)
    {
        var held = Held(store, model, "the model");
        var dependencies = held.Definition.DependsOn.Select(key => Held(store, key, $"of {model}")).ToList();
        var tokenizer = KeyOf("tokenizer", dependencies, model);
        var tokens = KeyOf("tokens", dependencies, model);
        return Plan([.. dependencies, held], make(tokenizer, tokens), $"import of {what}", name, record);
    }

    /// <summary>To write a dictionary as another tool's files.</summary>
    /// <param name="store">Holds the dictionary.</param>
    /// <param name="stage">What is written.</param>
    /// <param name="name">Of the experiment.</param>
    /// <param name="record">What the user asked for, kept with it.</param>
    /// <exception cref="InvalidDataException">The store lacks the dictionary.</exception>
    public static ExperimentPlan Export(ArtefactStore store, ExportStage stage, string name, string record) =>
        Plan([Held(store, stage.Dictionary, "the dictionary")], stage, $"export of {stage.Dictionary} as {stage.Format}", name, record);

    private static ExperimentPlan Plan(IReadOnlyList<PlanStage> held, StageDefinition definition, string label, string name, string record)
    {
        PlanStage[] stages = [.. held, new PlanStage(StageAddress.Of(definition), label, definition, Stream: null, Work: 0)];
        return new ExperimentPlan(Planner.IdOf(name, stages), name, record, stages);
    }

    private static PlanStage Held(ArtefactStore store, StageKey key, string what)
    {
        var manifest = store.ReadManifest(key);
        if (manifest is null || !store.Contains(key)) throw new InvalidDataException($"The store lacks {key}, {what}.");
        return new PlanStage(key, key.Value, StageDefinition.FromJson(manifest.Definition.GetRawText()), Stream: null, Work: 0);
    }

    private static StageKey KeyOf(string prefix, IEnumerable<PlanStage> dependencies, StageKey model) =>
        dependencies.FirstOrDefault(stage => stage.Definition.Prefix == prefix)?.Key
        ?? throw new InvalidDataException($"{model} was made without {prefix}: there is nothing to measure a dictionary on.");
}
