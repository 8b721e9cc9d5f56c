using System.Numerics;

namespace Orchestrator.Numerics.Formats.Torch.Pickle;

/// <summary>
/// A value on a pickle's stack that is not one of .NET's own. None is null, and bool, <see cref="BigInteger"/>, double,
/// string and byte[] stand for themselves.
/// </summary>
internal abstract class PickleObject
{
    /// <summary>What messages call it.</summary>
    public abstract string Kind { get; }

    /// <summary>What messages call any value of a stack.</summary>
    public static string KindOf(object? value) => value switch
    {
        null => "None",
        bool => "a bool",
        BigInteger => "an int",
        double => "a float",
        string => "a str",
        byte[] => "bytes",
        PickleObject other => other.Kind,
        _ => throw new ArgumentException($"A {value.GetType()} is never on a stack.", nameof(value)),
    };
}

/// <summary>A list; <c>APPEND</c> changes it.</summary>
internal sealed class PickleList : PickleObject
{
    public List<object?> Items { get; } = [];

    public override string Kind => "a list";
}

/// <summary>A tuple, or a <c>torch.Size</c>, which is one.</summary>
internal sealed class PickleTuple(object?[] items) : PickleObject
{
    public IReadOnlyList<object?> Items { get; } = items;

    public override string Kind => $"a tuple of {Items.Count}";
}

/// <summary>A dict in its order of insertion; keys are strings and ints.</summary>
/// <param name="isOrderedDict">It is a <c>collections.OrderedDict</c>, which may have attributes.</param>
internal sealed class PickleDictionary(bool isOrderedDict) : PickleObject
{
    public OrderedDictionary<object, object?> Items { get; } = [];

    public bool IsOrderedDict { get; } = isOrderedDict;

    public override string Kind => IsOrderedDict ? "an OrderedDict" : "a dict";
}
