using System.Numerics;
using Orchestrator.Planning.Specs.Schema;

namespace Orchestrator.Planning.Specs.Sweeps;

/// <summary>What the lists and draws of a section come to.</summary>
/// <param name="Axes">Whose product the dictionaries are.</param>
internal sealed record Sweep(IReadOnlyList<SweepAxis> Axes)
{
    /// <summary>Dictionaries for each model, as many as they may be.</summary>
    public BigInteger Count => Axes.Aggregate(BigInteger.One, (count, axis) => count * axis.Rows.Count);

    /// <summary>For people: <c>3 feature_count × 2 k</c>, without what has one value.</summary>
    public string Text => Axes.Any(axis => axis.Rows.Count > 1)
        ? string.Join(" × ", Axes.Where(axis => axis.Rows.Count > 1).Select(axis => axis.Text))
        : "1";

    /// <summary>Every point, by size, then sparsity, then what else there is, whatever the order in which a spec lists them.</summary>
    public IReadOnlyList<SweepPoint> Points()
    {
        var points = new List<SweepPoint>();
        var rows = new int[Axes.Count];
        do
        {
            points.Add(At(rows));
        }
        while (Next(rows));

        points.Sort(Compare);
        return points;
    }

    private SweepPoint At(int[] rows)
    {
        var values = new Dictionary<Key, double>();
        var first = new Dictionary<Key, double>();
        for (var i = 0; i < rows.Length; i++)
        {
            var axis = Axes[i];
            var common = GoesWithSize(axis) ? axis.Rows[0] : axis.Rows[rows[i]];
            for (var k = 0; k < axis.Keys.Count; k++)
            {
                values[axis.Keys[k]] = axis.Rows[rows[i]][k];
                first[axis.Keys[k]] = common[k];
            }
        }

        first.Remove(DictionaryKeys.FeatureCount);
        return new SweepPoint(values, first);
    }

    /// <summary>Where each size has its own k, say, dictionaries with their k are compared by size; where one size has two, they are not.</summary>
    private static bool GoesWithSize(SweepAxis axis)
    {
        var size = axis.Keys.ToList().IndexOf(DictionaryKeys.FeatureCount);
        return size >= 0 && !axis.IsDrawn && axis.Rows.DistinctBy(row => row[size]).Count() == axis.Rows.Count;
    }

    private bool Next(int[] rows)
    {
        for (var i = rows.Length - 1; i >= 0; i--)
        {
            if (++rows[i] < Axes[i].Rows.Count)
            {
                return true;
            }

            rows[i] = 0;
        }

        return false;
    }

    private static int Compare(SweepPoint a, SweepPoint b)
    {
        foreach (var key in SweepKeys.Sweepable)
        {
            if (a.TryGet(key, out var left) && b.TryGet(key, out var right) && left.CompareTo(right) is not 0 and var order)
            {
                return order;
            }
        }

        return 0;
    }
}
