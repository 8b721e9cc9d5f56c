using System.Collections;

namespace Orchestrator.Unit.Numerics.Formats.Torch;

/// <summary>A dict, or an OrderedDict with or without attributes, in its order of insertion.</summary>
internal sealed class Dict : IEnumerable<KeyValuePair<object, object?>>
{
    private readonly List<KeyValuePair<object, object?>> _items = [];

    public bool IsOrderedDict { get; init; }

    public Dict? Attributes { get; init; }

    public int Count => _items.Count;

    public object? this[object key]
    {
        set => _items.Add(new KeyValuePair<object, object?>(key, value));
    }

    public IEnumerator<KeyValuePair<object, object?>> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A storage: <paramref name="Count"/> elements of the class's type in the record <c>data/KEY</c>.</summary>
internal sealed record SavedStorage(string Key, string Class, long Count);

/// <summary>A view into a storage, in elements.</summary>
internal sealed record SavedTensor(SavedStorage Storage, long Offset, long[] Shape, long[] Strides, bool IsParameter = false);

/// <summary>Something that is pickled as the call of a global.</summary>
internal sealed record Call(string Module, string Name, params object?[] Arguments);

/// <summary>A global as a value, such as a dtype.</summary>
internal sealed record Global(string Module, string Name);
