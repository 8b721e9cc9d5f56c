using System.Globalization;
using System.Text.Json;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs;

/// <summary>Turns the sections of <c>dictionaries</c>, without mistakes, into definitions, and finds words for how these differ.</summary>
internal static class DictionaryAssembly
{
    public static DictionarySweep Build(IReadOnlyList<DictionaryBlock> blocks, bool hasTwin, IReadOnlyList<StoredDictionary> imported)
    {
        // What two sections ask for alike is one dictionary; on the twin, if one of them says so.
        var drafts = blocks.SelectMany((block, i) => DraftsOf(block, i, hasTwin))
            .GroupBy(draft => draft.Address)
            .Select(same => same.First() with { OnRandomTwin = same.Any(draft => draft.OnRandomTwin) })
            .ToList();
        var varying = SweepKeys.Sweepable.Where(key => key != DictionaryKeys.FeatureCount && IsVaried(drafts, key)).ToList();
        var families = drafts.Select(draft => draft.Family).Distinct().Count() > 1;
        var words = drafts.ConvertAll(draft => (Family: families ? draft.Family : "", Details: (IReadOnlyList<string>)[.. varying.Where(draft.Values.ContainsKey).Select(key => Detail(key, draft.Values[key]))]));
        var clashes = drafts.Zip(words, (draft, word) => Text(draft, word)).GroupBy(text => text).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        return new DictionarySweep(
            [.. drafts.Zip(words, (draft, word) => new DictionaryPoint(
                draft.Definition,
                draft.OnRandomTwin,
                word.Family,
                clashes.Contains(Text(draft, word)) ? [.. word.Details, $"section {Shown.Number(draft.Section + 1L)}"] : word.Details,
                draft.Variant))],
            imported,
            (ulong)blocks[0].Section.Get(DictionaryKeys.Seed)[0]);

        static string Text(Draft draft, (string Family, IReadOnlyList<string> Details) word) =>
            $"{word.Family} {draft.Definition.FeatureCount} {string.Join(' ', word.Details)}";
    }

    private static bool IsVaried(List<Draft> drafts, Key key) =>
        drafts.Where(draft => draft.Values.ContainsKey(key)).Select(draft => draft.Values[key]).Distinct().Count() > 1;

    private static string Detail(Key key, double value) =>
        key == DictionaryKeys.K ? SparsityParameter.K.Label(value)
        : key == DictionaryKeys.L0Coefficient ? SparsityParameter.L0Coefficient.Label(value)
        : key == DictionaryKeys.L1Coefficient ? SparsityParameter.L1Coefficient.Label(value)
        : string.Create(CultureInfo.InvariantCulture, $"{key.Name} {(key is ListKey<long> ? Shown.Number((long)value) : Shown.Number(value))}");

    private static IEnumerable<Draft> DraftsOf(DictionaryBlock block, int index, bool hasTwin)
    {
        var section = block.Section;
        var family = section.Find(DictionaryKeys.Name) ?? block.Architecture!.Name;
        var drafts = block.Points.Select(point => new Draft(
            Define(section, block.Architecture!, point.Values),
            point.Values,
            family,
            index,
            Address(Define(section, block.Architecture!, point.Base)))).ToList();
        var largest = drafts.GroupBy(draft => draft.Variant).ToDictionary(sizes => sizes.Key, sizes => sizes.Max(draft => draft.Definition.FeatureCount));
        var chosen = section.TryGet(DictionaryKeys.RandomTwin, out var sizes) ? sizes.ToHashSet() : null;
        return drafts.Select(draft => draft with
        {
            OnRandomTwin = chosen?.Contains(draft.Definition.FeatureCount) ?? (hasTwin && draft.Definition.FeatureCount == largest[draft.Variant]),
        });
    }

    /// <param name="values">Of each key that is swept; without a size, that is 1.</param>
    private static DictionaryDefinition Define(SpecSection section, DictionaryArchitecture architecture, IReadOnlyDictionary<Key, double> values)
    {
        var resampling = section.Get(DictionaryKeys.Resampling);
        var k = Find(DictionaryKeys.K);
        var auxK = k is null ? null : AuxK(section.Get(DictionaryKeys.AuxK));
        var hasSize = values.ContainsKey(DictionaryKeys.FeatureCount);
        var definition = new DictionaryDefinition
        {
            Architecture = architecture.Name,
            FeatureCount = hasSize ? (int)Value(DictionaryKeys.FeatureCount) : 1,
            L1Coefficient = Find(DictionaryKeys.L1Coefficient),
            L0Coefficient = Find(DictionaryKeys.L0Coefficient),
            K = (int?)k,
            Bandwidth = Find(DictionaryKeys.Bandwidth),
            AuxK = auxK,
            GroupFractions = architecture.Has(ArchitectureOptions.Groups) ? section.Get(DictionaryKeys.GroupFractions) : null,
            Skip = architecture.Has(ArchitectureOptions.Skip) ? section.Get(DictionaryKeys.Skip) : null,
            PreBias = section.Get(DictionaryKeys.PreBias) ? null : false,
            Precision = Precision(section.Get(DictionaryKeys.Precision)),
            L1WarmupSteps = (int)(Find(DictionaryKeys.L1WarmupSteps) ?? 0),
            LearningRate = Value(DictionaryKeys.LearningRate),
            WarmupSteps = (int)Value(DictionaryKeys.WarmupSteps),
            DecayFraction = Value(DictionaryKeys.DecayFraction),
            BatchSize = (int)Value(DictionaryKeys.BatchSize),
            Tokens = (long)Value(DictionaryKeys.Tokens),
            Seed = (ulong)Value(DictionaryKeys.Seed),
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
        return hasSize ? definition.WithDefaults() : definition;

        double Value(Key key) => values[key];
        double? Find(Key key) => values.TryGetValue(key, out var value) ? value : null;
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

    private static string Address(DictionaryDefinition definition) => JsonSerializer.Serialize(definition, StageDefinition.Json);

    /// <param name="Section">From 0.</param>
    private sealed record Draft(DictionaryDefinition Definition, IReadOnlyDictionary<Key, double> Values, string Family, int Section, string Variant)
    {
        public string Address { get; } = DictionaryAssembly.Address(Definition);

        public bool OnRandomTwin { get; init; }
    }
}
