namespace Orchestrator.Contracts.Experiments;

/// <summary>A metric of an analysis beside its nulls: a number without its null is not shown.</summary>
/// <param name="Name">The metric.</param>
/// <param name="Value">Null where only nulls were reported.</param>
/// <param name="Nulls">By the null's name: <c>neurons</c>, <c>random twin</c>; empty name where there is but one.</param>
public sealed record PairedMetric(string Name, double? Value, IReadOnlyList<KeyValuePair<string, double>> Nulls)
{
    /// <summary>
    /// Puts each null beside its metric. A null is called like its metric, or like it with <c>_</c> and the null's name.
    /// </summary>
    public static IReadOnlyList<PairedMetric> Pair(IReadOnlyDictionary<string, double> metrics, IReadOnlyDictionary<string, double> nulls)
    {
        // The longest name that fits: 'edges' must not take what belongs to 'edges_per_node'.
        var owners = nulls.Keys.ToDictionary(key => key, key => metrics.Keys
            .Where(name => key == name || key.StartsWith(name + "_", StringComparison.Ordinal))
            .MaxBy(name => name.Length));
        var paired = metrics.Select(metric => new PairedMetric(
            metric.Key,
            metric.Value,
            [.. nulls.Where(n => owners[n.Key] == metric.Key).Select(n => KeyValuePair.Create(NullName(n.Key, metric.Key), n.Value))]));
        var alone = nulls.Where(n => owners[n.Key] is null).Select(n => new PairedMetric(n.Key, null, [KeyValuePair.Create("", n.Value)]));
        return [.. paired, .. alone];
    }

    private static string NullName(string key, string metric) => key == metric ? "" : key[(metric.Length + 1)..].Replace('_', ' ');
}
