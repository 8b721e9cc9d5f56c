using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Specs.Schema;

namespace Orchestrator.Planning.Specs;

/// <summary>Turns sections without mistakes into the definitions of stages.</summary>
internal static class SpecAssembly
{
    /// <summary>Where a definition demands a seed that the planner sets.</summary>
    private const int Unset = 0;

    public static ExperimentSpec Build(SpecSection root, string text, IReadOnlyList<string> paths, IReadOnlyList<DictionaryBlock> blocks, IReadOnlyList<StoredDictionary> imported, IReadOnlyList<AnalysisRequest> analyses)
    {
        var models = Models(root.Get(SpecSchema.Model));
        var evaluation = root.Get(SpecSchema.Evaluation);
        return new ExperimentSpec
        {
            Name = root.Get(SpecSchema.Experiment),
            Description = root.Find(SpecSchema.Description),
            Text = text,
            Corpus = Corpus(root.Get(SpecSchema.Corpus), paths),
            Tokenizer = Tokenizer(root.Get(SpecSchema.Tokenizer)),
            Models = models,
            Harvest = Harvest(root.Get(SpecSchema.Harvest)),
            Dictionaries = DictionaryAssembly.Build(blocks, models.RandomTwin, imported),
            Evaluation = new EvaluationDefinition
            {
                Tokens = evaluation.Get(EvaluationKeys.Tokens),
                UltralowDensity = evaluation.Get(EvaluationKeys.UltralowDensity),
            },
            Analyses = analyses,
            Demand = Demand(root.Get(SpecSchema.Resources), root.Get(SpecSchema.Retry)),
            EarlyStop = root.Gives(SpecSchema.EarlyStop) ? EarlyStop(root.Get(SpecSchema.EarlyStop)) : null,
        };
    }

    private static EarlyStop EarlyStop(SpecSection section) =>
        new(section.Get(EarlyStopKeys.Metric), section.Get(EarlyStopKeys.Rungs), section.Get(EarlyStopKeys.Keep));

    private static RunDemand Demand(SpecSection resources, SpecSection retry) => new(
        Whole(resources, ResourceKeys.Devices),
        resources.TryGet(ResourceKeys.Memory, out double? found) && found is { } gibibytes ? (long)(gibibytes * ResourceKeys.Gibibyte) : null,
        Whole(resources, ResourceKeys.Priority),
        resources.TryGet(ResourceKeys.Weight, out double? weight) ? weight : null,
        Whole(retry, RetryKeys.LostAttempts),
        Whole(retry, RetryKeys.OutOfMemory),
        Whole(retry, RetryKeys.Plugin));

    private static int? Whole(SpecSection section, IntegerKey key) => section.TryGet(key, out var value) ? (int)value : null;

    private static CorpusDefinition Corpus(SpecSection section, IReadOnlyList<string> paths) => new()
    {
        Kind = section.Get(CorpusKeys.Kind),
        Paths = paths,
        Separator = section.Find(CorpusKeys.Separator),
        Field = section.Get(CorpusKeys.Field),
        ValidationFraction = section.Get(CorpusKeys.ValidationFraction),
        MaxDocumentBytes = section.TryGet(CorpusKeys.MaxDocumentBytes, out var most) ? most : null,
        MaxBytes = section.TryGet(CorpusKeys.MaxBytes, out var bytes) ? bytes : null,
    };

    private static TokenizerDefinition Tokenizer(SpecSection section) => new()
    {
        Kind = section.Get(TokenizerKeys.Kind),
        VocabularySize = (int)section.Get(TokenizerKeys.VocabularySize),
    };

    private static ModelSweep Models(SpecSection section)
    {
        var training = section.Get(ModelKeys.Training);
        return new ModelSweep(
            new TransformerDefinition
            {
                Layers = (int)section.Get(ModelKeys.Layers),
                ModelDim = (int)section.Get(ModelKeys.ModelDim),
                MlpDim = (int)section.Get(ModelKeys.MlpDim),
                Heads = (int)section.Get(ModelKeys.Heads),
                ContextLength = (int)section.Get(ModelKeys.Context),
                Activation = section.Get(ModelKeys.Activation),
                Normalisation = section.Get(ModelKeys.Normalisation),
                NormEpsilon = section.Get(ModelKeys.NormEpsilon),
            },
            new TransformerTrainingDefinition
            {
                Tokens = training.Get(TrainingKeys.Tokens),
                BatchContexts = (int)training.Get(TrainingKeys.BatchContexts),
                LearningRate = training.Get(TrainingKeys.LearningRate),
                WarmupSteps = (int)training.Get(TrainingKeys.WarmupSteps),
                WeightDecay = training.Get(TrainingKeys.WeightDecay),
                ClipNorm = training.Get(TrainingKeys.ClipNorm),
                ValidationTokens = training.Get(TrainingKeys.ValidationTokens),
                CheckpointEvery = (int)training.Get(TrainingKeys.CheckpointEvery),
            },
            [.. section.Get(ModelKeys.Seeds).Select(seed => (ulong)seed)],
            section.Get(ModelKeys.RandomTwin));
    }

    private static HarvestDefinition Harvest(SpecSection section) => new()
    {
        HookPoint = section.Get(HarvestKeys.HookPoint),
        TargetHookPoint = section.TryGet(HarvestKeys.TargetHookPoint, out var target) ? target : null,
        BufferVectors = (int)section.Get(HarvestKeys.BufferVectors),
        BatchContexts = (int)section.Get(HarvestKeys.BatchContexts),
        Seed = Unset,
    };
}
