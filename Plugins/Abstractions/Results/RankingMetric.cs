namespace Orchestrator.Abstractions.Results;

/// <summary>
/// A metric by which dictionaries can be put in order, because one direction of it is better whatever their size. Neither L0
/// nor counts of features are among them: they say what a dictionary is like, not how good it is.
/// </summary>
/// <param name="Name">As in <c>result.json</c>.</param>
/// <param name="HigherIsBetter">Else lower is.</param>
/// <param name="Of">Its value in a result; null where the result is older than the metric.</param>
public sealed record RankingMetric(string Name, bool HigherIsBetter, Func<DictionaryResult, double?> Of)
{
    /// <summary>All of them, those that ask the model before those of the reconstruction alone.</summary>
    public static IReadOnlyList<RankingMetric> All { get; } =
    [
        new("loss_recovered", true, result => result.LossRecovered),
        new("loss_spliced", false, result => result.LossSpliced),
        new("kl_recovered", true, result => result.KlRecovered),
        new("kl_spliced", false, result => result.KlSpliced),
        new("explained_variance", true, result => result.ExplainedVariance),
        new("mean_squared_error", false, result => result.MeanSquaredError),
        new("cosine_similarity", true, result => result.CosineSimilarity),
    ];

    /// <summary>Null where there is none of that name.</summary>
    public static RankingMetric? Find(string name) => All.FirstOrDefault(metric => metric.Name == name);

    /// <summary>Every one that a result has, by name.</summary>
    public static Dictionary<string, double> ValuesOf(DictionaryResult result) => All
        .Select(metric => (metric.Name, Value: metric.Of(result)))
        .Where(metric => metric.Value is not null)
        .ToDictionary(metric => metric.Name, metric => metric.Value!.Value);

    /// <summary>Puts the better of two values first; what is no number comes last.</summary>
    public int Compare(double left, double right) => (double.IsNaN(left), double.IsNaN(right)) switch
    {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => -1,
        _ => HigherIsBetter ? right.CompareTo(left) : left.CompareTo(right),
    };
}
