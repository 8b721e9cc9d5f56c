using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Specs.Schema;

namespace Orchestrator.Planning.Specs;

/// <summary>Turns sections without mistakes into the definitions of stages.</summary>
internal static class SpecAssembly
{
    /// <summary>Where a definition demands a seed (or a size) that the planner sets.</summary>
    private const int Unset = 0;

    public static ExperimentSpec Build(SpecSection root, string text, IReadOnlyList<string> paths, IReadOnlyList<StoredDictionary> imported, IReadOnlyList<AnalysisRequest> analyses)
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
            Dictionaries = Dictionaries(root.Get(SpecSchema.Dictionaries), models.RandomTwin, imported),
            Evaluation = new EvaluationDefinition
            {
                Tokens = evaluation.Get(EvaluationKeys.Tokens),
                UltralowDensity = evaluation.Get(EvaluationKeys.UltralowDensity),
            },
            Analyses = analyses,
            Demand = Demand(root.Get(SpecSchema.Resources), root.Get(SpecSchema.Retry)),
        };
    }

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

    private static DictionarySweep Dictionaries(SpecSection section, bool hasTwin, IReadOnlyList<StoredDictionary> imported)
    {
        var resampling = section.Get(DictionaryKeys.Resampling);
        List<int> sizes = section.TryGet(DictionaryKeys.FeatureCount, out var counts) ? [.. counts.Select(size => (int)size).Order()] : [];
        List<int> twins = section.TryGet(DictionaryKeys.RandomTwin, out var given) ? [.. given.Select(size => (int)size).Order()]
            : hasTwin && sizes.Count > 0 ? [sizes[^1]]
            : [];
        var architecture = DictionaryArchitecture.Find(section.Get(DictionaryKeys.Architecture))!;
        var (parameter, sparsities) = Sparsities(section, architecture);
        var auxK = parameter == SparsityParameter.K ? AuxK(section.Get(DictionaryKeys.AuxK)) : null;
        var template = new DictionaryDefinition
        {
            Architecture = architecture.Name,
            FeatureCount = Unset,
            Bandwidth = architecture.Has(ArchitectureOptions.L0Coefficient) ? section.Get(DictionaryKeys.Bandwidth) : null,
            AuxK = auxK,
            GroupFractions = architecture.Has(ArchitectureOptions.Groups) ? section.Get(DictionaryKeys.GroupFractions) : null,
            Skip = architecture.Has(ArchitectureOptions.Skip) ? section.Get(DictionaryKeys.Skip) : null,
            PreBias = section.Get(DictionaryKeys.PreBias) ? null : false,
            Precision = Precision(section.Get(DictionaryKeys.Precision)),
            L1WarmupSteps = (int)section.Get(DictionaryKeys.L1WarmupSteps),
            LearningRate = section.Get(DictionaryKeys.LearningRate),
            WarmupSteps = (int)section.Get(DictionaryKeys.WarmupSteps),
            DecayFraction = section.Get(DictionaryKeys.DecayFraction),
            BatchSize = (int)section.Get(DictionaryKeys.BatchSize),
            Tokens = section.TryGet(DictionaryKeys.Tokens, out var tokens) ? tokens : Unset,
            Seed = (ulong)section.Get(DictionaryKeys.Seed),
            CheckpointEvery = (int)section.Get(DictionaryKeys.CheckpointEvery),
            Resampling = new ResamplingDefinition
            {
                EverySteps = auxK is null || section.Gives(DictionaryKeys.Resampling) ? (int)resampling.Get(ResamplingKeys.EverySteps) : 0,
                DeadAfterSteps = (int)resampling.Get(ResamplingKeys.DeadAfterSteps),
                Times = (int)resampling.Get(ResamplingKeys.Times),
                Candidates = (int)resampling.Get(ResamplingKeys.Candidates),
                EncoderScale = resampling.Get(ResamplingKeys.EncoderScale),
            },
        };
        return new DictionarySweep(template, sizes, parameter, sparsities, twins, imported);
    }

    /// <summary>What makes a section's dictionaries sparse: k where it is given or the architecture has nothing else.</summary>
    public static (SparsityParameter Parameter, IReadOnlyList<double> Values) Sparsities(SpecSection section, DictionaryArchitecture architecture)
    {
        if (architecture.Has(ArchitectureOptions.L0Coefficient))
            return (SparsityParameter.L0Coefficient, [.. section.Get(DictionaryKeys.L0Coefficient).Order()]);
        if (section.TryGet(DictionaryKeys.K, out var k))
            return (SparsityParameter.K, [.. k.Select(value => (double)value).Order()]);
        return architecture.Has(ArchitectureOptions.L1Coefficient)
            ? (SparsityParameter.L1Coefficient, [.. section.Get(DictionaryKeys.L1Coefficient).Order()])
            : (SparsityParameter.K, [DictionaryDefinition.DefaultK]);
    }

    private static AuxKDefinition? AuxK(SpecSection section)
    {
        var coefficient = section.Get(AuxKKeys.Coefficient);
        return coefficient == 0 ? null : new AuxKDefinition
        {
            Coefficient = coefficient,
            Features = section.TryGet(AuxKKeys.Features, out var features) ? (int)features : null,
            DeadAfterTokens = section.Get(AuxKKeys.DeadAfterTokens),
        };
    }

    private static MatrixPrecision? Precision(string name) => name switch
    {
        "tf32" => MatrixPrecision.TensorFloat32,
        "bfloat16" => MatrixPrecision.BFloat16,
        _ => null,
    };
}
