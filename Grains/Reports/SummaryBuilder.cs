using System.Text.Json;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Grains.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Reports;

/// <summary>Collects the results of an experiment's stages from the store.</summary>
internal sealed class SummaryBuilder(ArtefactStore store)
{
    private const string ResultFile = "result.json";

    /// <summary>The summary of an experiment that has ended. A result that cannot be read is one of its failures.</summary>
    public ExperimentSummary Build(FinishedExperiment experiment)
    {
        var models = new List<ModelSummary>();
        var dictionaries = new List<DictionarySummary>();
        var analyses = new List<AnalysisSummary>();
        var failures = experiment.Stages.Where(s => s.Phase == StagePhase.Failed).Select(s => new StageFailure(s.Label, s.Reason ?? "no reason given")).ToList();
        foreach (var stage in experiment.Stages.Where(s => s.Phase is StagePhase.Completed or StagePhase.Cached))
        {
            try
            {
                Add(stage, models, dictionaries, analyses);
            }
            catch (Exception ex) when (ex is JsonException or IOException or UnauthorizedAccessException)
            {
                failures.Add(new StageFailure(stage.Label, $"Its result cannot be read: {ex.Message}"));
            }
        }

        return new ExperimentSummary
        {
            Experiment = experiment.Name,
            Id = experiment.Id.Value,
            Status = experiment.Phase switch
            {
                ExperimentPhase.Cancelled => "cancelled",
                ExperimentPhase.Completed when failures.Count == 0 => "completed",
                _ => "failed",
            },
            WallSeconds = Math.Round(experiment.WallSeconds, 3),
            CachedStages = experiment.CachedStages,
            ComputedStages = experiment.ComputedStages,
            Models = models,
            Dictionaries = dictionaries,
            Analyses = analyses,
            Failures = failures,
        };
    }

    private void Add(FinishedStage stage, List<ModelSummary> models, List<DictionarySummary> dictionaries, List<AnalysisSummary> analyses)
    {
        switch (stage.Definition)
        {
            case ModelStage or RandomTwinStage:
                models.Add(Model(stage.Key.Value, Read<ModelResult>(stage)));
                break;
            case DictionaryStage definition:
                dictionaries.Add(Dictionary(stage.Key.Value, definition, Read<DictionaryResult>(stage)));
                break;
            case AnalysisStage:
                analyses.Add(Analysis(Path.GetRelativePath(store.Layout.Root, store.Layout.Artefact(stage.Key)), Read<AnalysisResult>(stage)));
                break;
        }
    }

    private T Read<T>(FinishedStage stage) => ResultJson.Read<T>(store.FileOf(stage.Key, ResultFile));

    private static ModelSummary Model(string id, ModelResult result) => new()
    {
        Id = id,
        Seed = result.Seed,
        RandomWeights = result.RandomWeights,
        Parameters = result.Parameters,
        TokensTrained = result.TokensTrained,
        ValidationLoss = result.ValidationLoss,
        BigramLoss = result.BigramLoss,
        TokensPerSecond = result.TokensPerSecond,
    };

    private static DictionarySummary Dictionary(string id, DictionaryStage definition, DictionaryResult result) => new()
    {
        Id = id,
        Model = definition.Model.Value,
        FeatureCount = result.FeatureCount,
        Architecture = result.Architecture,
        L1Coefficient = result.L1Coefficient,
        L0 = result.L0,
        ExplainedVariance = result.ExplainedVariance,
        LossOriginal = result.LossOriginal,
        LossZero = result.LossZero,
        LossSpliced = result.LossSpliced,
        LossRecovered = result.LossRecovered,
        DeadFeatures = result.DeadFeatures,
        UltralowDensityFeatures = result.UltralowDensityFeatures,
        DensityHistogram = result.DensityHistogram,
        TokensSeen = result.TokensSeen,
        TokensPerSecond = result.TokensPerSecond,
        MetricsVersion = result.MetricsVersion,
    };

    private static AnalysisSummary Analysis(string folder, AnalysisResult result) => new()
    {
        Kind = result.Kind,
        Plugin = result.Plugin,
        Inputs = result.Inputs,
        Status = result.Status,
        Error = result.Error,
        Verdict = result.Verdict,
        Metrics = result.Metrics,
        NullMetrics = result.NullMetrics,
        Artefacts = [.. result.Artefacts.Select(file => $"{folder.Replace('\\', '/')}/{file}")],
    };
}
