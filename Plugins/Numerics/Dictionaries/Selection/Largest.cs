using System.Numerics;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>Selection of the largest values, ties to the lower key: the same choice in whatever order they come.</summary>
internal static unsafe class Largest<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Moves the <paramref name="keep"/> largest to the front, in no order (Hoare's selection).</summary>
    public static void MoveToFront(T* values, int* keys, int count, int keep)
    {
        var (low, high) = (0, count - 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var (pivot, pivotKey) = (values[middle], keys[middle]);
            var (left, right) = (low, high);
            while (left <= right)
            {
                while (Precedes(values[left], keys[left], pivot, pivotKey)) left++;
                while (Precedes(pivot, pivotKey, values[right], keys[right])) right--;
                if (left > right) break;
                (values[left], values[right]) = (values[right], values[left]);
                (keys[left], keys[right]) = (keys[right], keys[left]);
                left++;
                right--;
            }

            if (keep - 1 <= right) high = right;
            else if (keep - 1 >= left) low = left;
            else return;
        }
    }

    /// <summary>The smallest of some values.</summary>
    public static T Smallest(T* values, int count)
    {
        var smallest = values[0];
        for (var i = 1; i < count; i++) smallest = T.MinNumber(smallest, values[i]);
        return smallest;
    }

    private static bool Precedes(T value, int key, T otherValue, int otherKey) =>
        value > otherValue || (value == otherValue && key < otherKey);
}
