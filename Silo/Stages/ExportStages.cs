using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Interchange;
using Orchestrator.Numerics.Interchange.SaeLens;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Silo.Stages;

/// <summary>Writes dictionaries as other tools' files.</summary>
internal sealed class ExportStages(StageInputs inputs, ArtefactStore store)
{
    public void Run(StageKey key, ExportStage stage, IJobReporter reporter)
    {
        if (stage.Format != ExportStage.SaeLens)
            throw new InvalidDataException($"'{stage.Format}' is no format to export; known: {string.Join(", ", ExportStage.Formats)}.");
        reporter.Progress(key, StageProgress.Doing("exporting"));
        using var dictionary = inputs.Dictionary(stage.Dictionary);
        var folder = reporter.NewWorkFolder(key);
        SaeLensExport.Write(dictionary, FactsOf(stage.Dictionary, dictionary), folder);
        reporter.CommitResult(key, folder);
    }

    private DictionaryFacts FactsOf(StageKey key, SparseDictionary dictionary)
    {
        var definition = inputs.DefinitionOf<StageDefinition>(key) as IDictionaryStage
            ?? throw new InvalidDataException($"{key} is no dictionary.");
        var result = ResultJson.Read<DictionaryResult>(store.FileOf(key, ModelStages.ResultFile));
        var isOurs = dictionary.ImportedFrom is null;   // else nobody knows on what contexts it was trained
        return new DictionaryFacts
        {
            ModelName = definition.Model.Value,
            ContextLength = isOurs ? inputs.ArchitectureOf(definition.Model).ContextLength : null,
            PrependsBeginning = isOurs ? false : null,
            L0 = result.L0,
            DeadFeatures = result.DeadFeatures,
            Densities = FeatureTable.ReadDensities(store.FileOf(key, DictionaryPublisher.FeaturesFile)),
        };
    }
}
