using System.Numerics;
using Orchestrator.Numerics.Formats.Torch.Pickle;

namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>
/// Gives every tensor and plain value below the root of a pickle its name. Values that a pickle shares, or that contain
/// themselves, could make this endless: depth, visits and the length of all names are limited.
/// </summary>
internal sealed class TorchTree
{
    private const int MaxDepth = 64;
    private const int MaxVisits = 1 << 21;
    private const int MaxNameCharacters = 1 << 25;

    private readonly PickleSite _site;
    private readonly Dictionary<string, TorchTensorEntry> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TorchValue> _values = new(StringComparer.Ordinal);
    private readonly HashSet<object> _path = new(ReferenceEqualityComparer.Instance);
    private int _visits;
    private long _characters;

    private TorchTree(PickleSite site) => _site = site;

    public IReadOnlyDictionary<string, TorchTensorEntry> Tensors => _tensors;

    public IReadOnlyDictionary<string, TorchValue> Values => _values;

    /// <param name="root">What the pickle left.</param>
    /// <param name="site">Where the pickle ended, for messages.</param>
    /// <exception cref="InvalidDataException">
    /// A value contains itself, is nested too deep, is neither plain nor a tensor, or two have the same name.
    /// </exception>
    public static TorchTree Read(object? root, PickleSite site)
    {
        var tree = new TorchTree(site);
        tree.Visit(root, "");
        return tree;
    }

    private void Visit(object? value, string name)
    {
        switch (value)
        {
            case TorchView view:
                Add(_tensors, name, new TorchTensorEntry(name, view));
                break;
            case PickleDictionary dictionary:
                Enter(dictionary);
                foreach (var (key, item) in dictionary.Items)
                    Visit(item, Join(name, key is BigInteger number ? number.ToString() : (string)key));
                _path.Remove(dictionary);
                break;
            default:
                if (Plain(value, name) is { } plain)
                    Add(_values, name, plain);
                else
                    VisitItems((PickleObject)value!, name);
                break;
        }
    }

    private void VisitItems(PickleObject sequence, string name)
    {
        Enter(sequence);
        var items = ItemsOf(sequence)!;
        for (var i = 0; i < items.Count; i++)
            Visit(items[i], Join(name, $"{i}"));
        _path.Remove(sequence);
    }

    /// <summary>The plain value; null: it is a sequence with a tensor or a dict in it.</summary>
    private TorchValue? Plain(object? value, string name)
    {
        if (++_visits > MaxVisits)
            throw _site.Invalid($"the pickle has left more than {MaxVisits} values");
        return value switch
        {
            null => new TorchValue.None(),
            bool truth => new TorchValue.Boolean(truth),
            BigInteger number => new TorchValue.Integer(number),
            double number => new TorchValue.Number(number),
            string text => new TorchValue.Text(text),
            byte[] bytes => new TorchValue.Bytes(bytes),
            TorchGlobals.DataType type => new TorchValue.DataType(type.Type),
            TorchGlobals.DeviceName device => new TorchValue.Device(device.Name),
            PickleList or PickleTuple => PlainSequence((PickleObject)value, name),
            PickleDictionary or TorchView => null,
            _ => throw _site.Invalid($"the pickle has left {PickleObject.KindOf(value)} as the value '{Excerpt.Text(name)}', which is neither plain nor a tensor"),
        };
    }

    private TorchValue.Sequence? PlainSequence(PickleObject sequence, string name)
    {
        Enter(sequence);
        var items = ItemsOf(sequence)!;
        var plain = new List<TorchValue>(items.Count);
        foreach (var item in items)
        {
            if (Plain(item, name) is not { } value)
                break;
            plain.Add(value);
        }

        _path.Remove(sequence);
        return plain.Count == items.Count ? new TorchValue.Sequence(plain) : null;
    }

    private static IReadOnlyList<object?>? ItemsOf(PickleObject value) => value switch
    {
        PickleList list => list.Items,
        PickleTuple tuple => tuple.Items,
        _ => null,
    };

    private void Enter(PickleObject container)
    {
        if (++_visits > MaxVisits)
            throw _site.Invalid($"the pickle has left more than {MaxVisits} values");
        if (!_path.Add(container))
            throw _site.Invalid($"the pickle has left {container.Kind} that contains itself");
        if (_path.Count > MaxDepth)
            throw _site.Invalid($"the pickle has left values that are nested deeper than {MaxDepth}");
    }

    private string Join(string name, string key)
    {
        // The first level has no name before it; a level whose key is empty still is one.
        var joined = _path.Count == 1 ? key : $"{name}/{key}";
        _characters += joined.Length;
        return _characters <= MaxNameCharacters
            ? joined
            : throw _site.Invalid($"the names of the pickle's values have more than {MaxNameCharacters} characters");
    }

    private void Add<T>(Dictionary<string, T> values, string name, T value)
    {
        if (_tensors.ContainsKey(name) || _values.ContainsKey(name))
            throw _site.Invalid($"the pickle has left two values with the name '{Excerpt.Text(name)}'");
        values.Add(name, value);
    }
}
