using System.Numerics;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>Selection by rank.</summary>
internal static class Largest<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The n-th largest, n from 1 (Hoare's selection); the values end in another order.</summary>
    public static T Nth(Span<T> values, int n)
    {
        var (low, high) = (0, values.Length - 1);
        while (low < high)
        {
            var pivot = values[low + ((high - low) / 2)];
            var (left, right) = (low, high);
            while (left <= right)
            {
                while (values[left] > pivot) left++;
                while (pivot > values[right]) right--;
                if (left > right) break;
                (values[left], values[right]) = (values[right], values[left]);
                left++;
                right--;
            }

            if (n - 1 <= right) high = right;
            else if (n - 1 >= left) low = left;
            else break;
        }

        return values[n - 1];
    }
}
