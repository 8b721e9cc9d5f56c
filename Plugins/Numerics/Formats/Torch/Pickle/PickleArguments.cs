using System.Numerics;

namespace Orchestrator.Numerics.Formats.Torch.Pickle;

/// <summary>The arguments of a call, taken with their types.</summary>
/// <param name="Function">What is called, for messages.</param>
/// <param name="Tuple">The arguments in order.</param>
/// <param name="Site">Where it is called.</param>
internal readonly record struct PickleArguments(string Function, PickleTuple Tuple, PickleSite Site)
{
    public int Count => Tuple.Items.Count;

    /// <exception cref="InvalidDataException">There are fewer or more.</exception>
    public void RequireCount(int min, int max)
    {
        if (Count < min || Count > max)
            throw Site.Invalid($"{Function} has {Count} arguments, not {(min == max ? $"{min}" : $"{min} to {max}")}");
    }

    /// <exception cref="InvalidDataException">It is of another type.</exception>
    public T Get<T>(int index, string name, string kind) =>
        Tuple.Items[index] is T value
            ? value
            : throw Site.Invalid($"{name} of {Function} is {PickleObject.KindOf(Tuple.Items[index])}, not {kind}");

    /// <exception cref="InvalidDataException">It is no int, negative, or over 63 bits.</exception>
    public long Size(int index, string name) => ToSize(Get<BigInteger>(index, name, "an int"), name);

    /// <exception cref="InvalidDataException">It is no tuple, or holds something that is not a size.</exception>
    public long[] Sizes(int index, string name)
    {
        var items = Get<PickleTuple>(index, name, "a tuple").Items;
        var sizes = new long[items.Count];
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = items[i] is BigInteger value
                ? ToSize(value, name)
                : throw Site.Invalid($"{name} of {Function} holds {PickleObject.KindOf(items[i])}, not an int");
        }

        return sizes;
    }

    private long ToSize(BigInteger value, string name) =>
        value >= 0 && value <= long.MaxValue
            ? (long)value
            : throw Site.Invalid($"{name} of {Function} is {Excerpt.Text(value.ToString())}, not from 0 to 2^63 - 1");
}
