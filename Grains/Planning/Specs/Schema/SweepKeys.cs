namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Keys of <c>dictionaries.sweep</c> and <c>dictionaries.sweep.random</c>: how lists combine.</summary>
internal static class SweepKeys
{
    /// <summary>Most points of a section, and most values of a list.</summary>
    public const int MaxPoints = 1_000;

    /// <summary>What a section can give several values of, in the order by which its dictionaries are sorted and labelled.</summary>
    public static IReadOnlyList<Key> Sweepable { get; } =
    [
        DictionaryKeys.FeatureCount, DictionaryKeys.L1Coefficient, DictionaryKeys.L0Coefficient, DictionaryKeys.K, DictionaryKeys.Bandwidth,
        DictionaryKeys.LearningRate, DictionaryKeys.BatchSize, DictionaryKeys.Tokens, DictionaryKeys.L1WarmupSteps, DictionaryKeys.WarmupSteps,
        DictionaryKeys.DecayFraction, DictionaryKeys.Seed,
    ];

    public static ZipKey Zip { get; } = new("zip", "Keys whose lists, of one length, go together: the first values make a dictionary, the second ones the next. Several such lists of keys for several groups.",
        [.. Sweepable.Select(key => key.Name)]);

    public static IntegerKey Points { get; } = new("points", "How many are drawn. Required in this section.", 1, MaxPoints);

    public static IntegerKey Seed { get; } = new("seed", "What the draws depend on, beside key and point.", 0, 1L << 53) { Default = 1 };

    /// <summary>What random points have a value of.</summary>
    public static IReadOnlyList<DrawKey> Draws { get; } = [.. Sweepable.Where(key => key != DictionaryKeys.Seed).Select(key => new DrawKey(key))];

    public static SectionKey Random { get; } = new("random", "Points drawn at random, in place of lists of these keys. The first points stay the same where more are asked for, and so do each key's values where another key is added.",
        [Points, Seed, .. Draws]);

    public static SectionKey Sweep { get; } = new("sweep", "How lists combine where not every combination (a grid) is wanted; lists that are named in neither key are a grid still.", Zip, Random);
}
