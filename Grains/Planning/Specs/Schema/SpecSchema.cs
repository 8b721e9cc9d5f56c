using System.Text.RegularExpressions;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Version 1 of the spec.</summary>
internal static partial class SpecSchema
{
    public static IntegerKey Version { get; } = new("version", "Version of this layout.", 1, 1) { Required = true };

    public static TextKey Experiment { get; } = new("experiment", "Name of the experiment; its id is the name and a hash of what it computes.")
    {
        Required = true,
        Pattern = ExperimentName(),
        PatternText = "1 to 63 of a-z, 0-9 and '-', not beginning with '-'",
    };

    public static TextKey Description { get; } = new("description", "What the experiment is for; computes nothing.") { Controls = "\n\t" };

    public static SectionKey Corpus { get; } = new("corpus", "Where text comes from.",
        CorpusKeys.Kind, CorpusKeys.Paths, CorpusKeys.Separator, CorpusKeys.Field, CorpusKeys.ValidationFraction, CorpusKeys.MaxDocumentBytes,
        CorpusKeys.MaxBytes)
    { Required = true, Discriminator = CorpusKeys.Kind };

    public static SectionKey Tokenizer { get; } = new("tokenizer", "How text becomes tokens; trained on the corpus.",
        TokenizerKeys.Kind, TokenizerKeys.VocabularySize)
    { Required = true };

    public static SectionKey Model { get; } = new("model", "The transformers: one architecture, trained once for each seed.",
        ModelKeys.ModelDim, ModelKeys.MlpDim, ModelKeys.Heads, ModelKeys.Layers, ModelKeys.Context, ModelKeys.Activation,
        ModelKeys.Normalisation, ModelKeys.NormEpsilon, ModelKeys.Seeds, ModelKeys.RandomTwin, ModelKeys.Training)
    { Required = true };

    public static SectionKey Harvest { get; } = new("harvest", "Where and how activations are read from a model: one shuffled stream feeds all its dictionaries.",
        HarvestKeys.HookPoint, HarvestKeys.TargetHookPoint, HarvestKeys.BufferVectors, HarvestKeys.BatchContexts);

    /// <summary>Most sections of dictionaries.</summary>
    public const int MaxSections = 100;

    private static IReadOnlyList<Key> DictionarySection { get; } =
    [
        DictionaryKeys.Architecture, DictionaryKeys.Name, DictionaryKeys.FeatureCount, DictionaryKeys.L1Coefficient, DictionaryKeys.L0Coefficient,
        DictionaryKeys.K, SweepKeys.Sweep, DictionaryKeys.L1WarmupSteps, DictionaryKeys.Bandwidth, DictionaryKeys.GroupFractions, DictionaryKeys.Skip,
        DictionaryKeys.AuxK, DictionaryKeys.PreBias, DictionaryKeys.Precision,
        DictionaryKeys.Tokens, DictionaryKeys.BatchSize, DictionaryKeys.LearningRate, DictionaryKeys.WarmupSteps,
        DictionaryKeys.DecayFraction, DictionaryKeys.Seed, DictionaryKeys.CheckpointEvery, DictionaryKeys.RandomTwin,
        DictionaryKeys.Resampling, DictionaryKeys.Imported,
    ];

    public static SectionsKey Dictionaries { get; } = new(
        new SectionKey("dictionaries", "The sparse autoencoders, on each model: a section, or a list of sections, for several architectures say. Where keys of a section have lists, it is a sweep.",
            [.. DictionarySection])
        { Discriminator = DictionaryKeys.Architecture },
        MaxSections)
    { Required = true };

    /// <summary>What is said once for all sections of dictionaries; what an architecture does not know is not meant for it.</summary>
    public static SectionKey DictionaryDefaults { get; } = new("dictionaries", "Keys of `dictionaries`, for each of its sections that does not give them itself and whose architecture has them.",
        [.. DictionarySection]);

    public static SectionKey Defaults { get; } = new("defaults", "What is said once where `dictionaries` is a list.", DictionaryDefaults);

    public static SectionKey Evaluation { get; } = new("evaluation", "On what every dictionary is measured: the start of the validation split.",
        EvaluationKeys.Tokens, EvaluationKeys.UltralowDensity);

    public static NodeKey Analyses { get; } = new("analyses", "The questions asked of the dictionaries: each the kind of an installed analysis, or a mapping of kind and options.",
        "a list of analysis kinds or of mappings with a kind", AnalysisSchema.Any);

    public static SectionKey Resources { get; } = new("resources", "What the experiment may have of a cluster that others use too. `submit` sets it; `set` changes it later.",
        ResourceKeys.Devices, ResourceKeys.Memory, ResourceKeys.Priority, ResourceKeys.Weight);

    public static SectionKey Retry { get; } = new("retry", "When a run that keeps failing has failed for good.", RetryKeys.LostAttempts, RetryKeys.OutOfMemory, RetryKeys.Plugin);

    public static SectionKey EarlyStop { get; } = new("early_stop", "Which dictionaries are not worth training to their end: those on one model compete (a random twin's do not), and the worst of those that reach a rung stop there. What goes on ends in the same bits as without; it may be added, changed or taken away, and what is known is used.",
        EarlyStopKeys.Metric, EarlyStopKeys.Rungs, EarlyStopKeys.Keep);

    /// <summary>The whole spec.</summary>
    public static SectionKey Root { get; } = new("", "An experiment.",
        Version, Experiment, Description, Corpus, Tokenizer, Model, Harvest, Defaults, Dictionaries, Evaluation, EarlyStop, Analyses, Resources, Retry);

    /// <summary>The integer types of the definitions.</summary>
    public const int MaxCount = int.MaxValue;

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ExperimentName();
}
