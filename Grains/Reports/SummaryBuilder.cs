using System.Text.Json;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Grains.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Reports;

/// <summary>Collects the results of an experiment's stages from the store.</summary>
/// <param name="store">The store.</param>
/// <param name="manifests">Of the plugins, for the metrics that a failed analysis had promised.</param>
internal sealed class SummaryBuilder(ArtefactStore store, IReadOnlyList<PluginManifest> manifests)
{
    private const string ResultFile = "result.json";

    /// <summary>The summary of an experiment that has ended. A result that cannot be read is one of its failures.</summary>
    public ExperimentSummary Build(FinishedExperiment experiment)
    {
        var models = new List<ModelSummary>();
        var dictionaries = new List<DictionarySummary>();
        var analyses = new List<AnalysisSummary>();
        var failures = new List<StageFailure>();
        foreach (var stage in experiment.Stages)
        {
            if (stage.Phase == StagePhase.Failed)
            {
                Fail(stage, stage.Reason ?? "no reason given", failures, analyses);
            }
            else if (stage.Phase.HasArtefact())
            {
                try
                {
                    Add(stage, models, dictionaries, analyses);
                }
                catch (Exception ex) when (ex is JsonException or IOException or UnauthorizedAccessException)
                {
                    Fail(stage, $"Its result cannot be read: {ex.Message}", failures, analyses);
                }
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
            Stopped = [.. experiment.Stages.Where(stage => stage.Phase == StagePhase.Stopped).Select(stage => Stopped(stage, experiment.Rungs))],
        };
    }

    private static StoppedStage Stopped(FinishedStage stage, IReadOnlyList<RungDecision> rungs)
    {
        var ranked = rungs.Where(decision => decision.PlacingOf(stage.Key) is not null).ToList();
        return new StoppedStage
        {
            Id = stage.Key.Value,
            Stage = stage.Label,
            Reason = stage.Reason ?? "",
            Metric = ranked.Count == 0 ? null : ranked[0].Metric,
            Rungs = [.. ranked.Select(decision => decision.PlacingOf(stage.Key)!)],
        };
    }

    private void Add(FinishedStage stage, List<ModelSummary> models, List<DictionarySummary> dictionaries, List<AnalysisSummary> analyses)
    {
        switch (stage.Definition)
        {
            case ModelStage or RandomTwinStage:
                models.Add(Model(stage.Key.Value, Read<ModelResult>(stage)));
                break;
            case IDictionaryStage definition:
                dictionaries.Add(Dictionary(stage.Key.Value, definition, Read<DictionaryResult>(stage)));
                break;
            case AnalysisStage:
                analyses.Add(Analysis(Path.GetRelativePath(store.Layout.Root, store.Layout.Artefact(stage.Key)), Read<AnalysisResult>(stage)));
                break;
        }
    }

    /// <summary>
    /// A failed analysis is listed among the analyses too: it has no artefact, so what it promised comes from its manifest.
    /// </summary>
    private void Fail(FinishedStage stage, string reason, List<StageFailure> failures, List<AnalysisSummary> analyses)
    {
        failures.Add(new StageFailure(stage.Label, reason));
        if (stage.Definition is not AnalysisStage analysis)
        {
            return;
        }

        var promised = manifests.FirstOrDefault(plugin => plugin.Id == analysis.Plugin)?.Analyses.FirstOrDefault(a => a.Kind == analysis.Kind)?.Metrics;
        analyses.Add(new AnalysisSummary
        {
            Kind = analysis.Kind,
            Plugin = analysis.Plugin,
            Inputs = [.. analysis.Dictionaries.Select(dictionary => dictionary.Value)],
            Status = "failed",
            Error = reason,
            Metrics = (promised ?? []).ToDictionary(metric => metric.Name, _ => double.NaN),
            NullMetrics = new Dictionary<string, double>(),
            Artefacts = [],
        });
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

    private static DictionarySummary Dictionary(string id, IDictionaryStage definition, DictionaryResult result) => new()
    {
        Id = id,
        Model = definition.Model.Value,
        FeatureCount = result.FeatureCount,
        Architecture = result.Architecture,
        L1Coefficient = result.L1Coefficient,
        L0Coefficient = result.L0Coefficient,
        K = result.K,
        ImportedFrom = result.ImportedFrom,
        L0 = result.L0,
        L1 = result.L1,
        MeanSquaredError = result.MeanSquaredError,
        ExplainedVariance = result.ExplainedVariance,
        CosineSimilarity = result.CosineSimilarity,
        L2Ratio = result.L2Ratio,
        RelativeReconstructionBias = result.RelativeReconstructionBias,
        LossOriginal = result.LossOriginal,
        LossZero = result.LossZero,
        LossSpliced = result.LossSpliced,
        LossRecovered = result.LossRecovered,
        KlZero = result.KlZero,
        KlSpliced = result.KlSpliced,
        KlRecovered = result.KlRecovered,
        DeadFeatures = result.DeadFeatures,
        UltralowDensityFeatures = result.UltralowDensityFeatures,
        FeaturesAboveOnePercent = result.FeaturesAboveOnePercent,
        FeaturesAboveTenPercent = result.FeaturesAboveTenPercent,
        MeanMaxDecoderCosine = result.MeanMaxDecoderCosine,
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
