using System.Runtime.InteropServices;

namespace Orchestrator.Numerics.Formats.Torch.Pickle;

/// <summary>The stack of a pickle and its marks: nothing below the last mark can be taken.</summary>
internal sealed class PickleStack
{
    private readonly List<object?> _items = [];
    private readonly List<int> _marks = [];

    public int Count => _items.Count;

    public bool HasMarks => _marks.Count > 0;

    public void Push(object? value) => _items.Add(value);

    public void PushMark() => _marks.Add(_items.Count);

    /// <exception cref="InvalidDataException">There is none.</exception>
    public object? Peek(PickleSite site) => _items[Last(site)];

    /// <exception cref="InvalidDataException">There is none.</exception>
    public object? Pop(PickleSite site)
    {
        var last = Last(site);
        var value = _items[last];
        _items.RemoveAt(last);
        return value;
    }

    /// <summary>The last values, oldest first.</summary>
    /// <exception cref="InvalidDataException">There are fewer.</exception>
    public object?[] Pop(int count, PickleSite site)
    {
        var values = new object?[count];
        for (var i = count - 1; i >= 0; i--)
            values[i] = Pop(site);
        return values;
    }

    /// <summary>All values above the last mark, oldest first; the mark goes too.</summary>
    /// <exception cref="InvalidDataException">There is no mark.</exception>
    public object?[] PopToMark(PickleSite site)
    {
        if (_marks.Count == 0)
            throw site.Invalid("an instruction needs a mark, and there is none");
        var start = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        var values = CollectionsMarshal.AsSpan(_items)[start..].ToArray();
        _items.RemoveRange(start, values.Length);
        return values;
    }

    private int Last(PickleSite site)
    {
        var bottom = _marks.Count == 0 ? 0 : _marks[^1];
        return _items.Count > bottom ? _items.Count - 1 : throw site.Invalid("an instruction needs a value, and there is none");
    }
}
