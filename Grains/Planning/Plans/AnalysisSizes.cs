using System.Globalization;

namespace Orchestrator.Planning.Plans;

/// <summary>How labels of analyses name the sizes of their dictionaries: <c>512 → 1,024</c>.</summary>
public static class AnalysisSizes
{
    /// <param name="featureCounts">In the order of the analysis' inputs.</param>
    public static string Text(IEnumerable<int> featureCounts) =>
        string.Join(" → ", featureCounts.Distinct().Select(count => count.ToString("N0", CultureInfo.InvariantCulture)));
}
