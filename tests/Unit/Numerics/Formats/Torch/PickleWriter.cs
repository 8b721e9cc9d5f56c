using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Orchestrator.Unit.Numerics.Formats.Torch;

/// <summary>
/// Pickles values byte by byte as Python's own pickler does for <c>torch.save</c>: a value that occurs again is recalled,
/// dicts and lists are filled in one go, storages go by persistent ids.
/// </summary>
internal sealed class PickleWriter(int protocol)
{
    private const string StorageId = "storage";
    private const string Location = "cpu";

    private readonly List<byte[]> _instructions = [];
    private readonly Dictionary<object, int> _memo = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, object> _globals = new(StringComparer.Ordinal);
    private int _memoized;

    public static byte[] Write(object? root, int protocol) => Join(Instructions(root, protocol));

    /// <summary>The pickle, one instruction with its argument an item.</summary>
    public static List<byte[]> Instructions(object? root, int protocol)
    {
        var writer = new PickleWriter(protocol);
        writer.Bytes(0x80, (byte)protocol);
        writer.Save(root);
        writer.Bytes((byte)'.');
        if (protocol >= 4)
        {
            // One frame behind PROTO.
            var length = (ulong)writer._instructions.Skip(1).Sum(instruction => instruction.Length);
            writer._instructions.Insert(1, [0x95, .. BitConverter.GetBytes(length)]);
        }

        return writer._instructions;
    }

    public static byte[] Join(IEnumerable<byte[]> instructions) => [.. instructions.SelectMany(instruction => instruction)];

    private void Save(object? value)
    {
        if (value is not null && _memo.TryGetValue(value, out var index))
        {
            Recall(index);
            return;
        }

        switch (value)
        {
            case null: Bytes((byte)'N'); break;
            case bool truth: Bytes(truth ? (byte)0x88 : (byte)0x89); break;
            case int number: SaveInteger(number); break;
            case long number: SaveInteger(number); break;
            case BigInteger number: SaveInteger(number); break;
            case double number: SaveDouble(number); break;
            case string text: SaveText(text); break;
            case byte[] bytes: SaveBytes(bytes); break;
            case object?[] tuple: SaveTuple(tuple); break;
            case List<object?> list: SaveList(list); break;
            case Dict dict: SaveDict(dict); break;
            case SavedStorage storage: SavePersistent(storage); break;
            case SavedTensor tensor: SaveTensor(tensor); break;
            case Call call: SaveCall(call); break;
            case Global global: SaveGlobal(global.Module, global.Name); break;
            default: throw new ArgumentException($"A {value.GetType()} cannot be pickled.", nameof(value));
        }
    }

    private void SaveInteger(BigInteger value)
    {
        if (value >= 0 && value <= byte.MaxValue)
            Bytes((byte)'K', (byte)value);
        else if (value >= 0 && value <= ushort.MaxValue)
            Bytes([(byte)'M', (byte)((int)value & 255), (byte)((int)value >> 8)]);
        else if (value >= int.MinValue && value <= int.MaxValue)
            Bytes([(byte)'J', .. BitConverter.GetBytes((int)value)]);
        else
            Bytes([0x8a, (byte)value.ToByteArray().Length, .. value.ToByteArray()]);
    }

    private void SaveDouble(double value)
    {
        var bytes = new byte[9];
        bytes[0] = (byte)'G';
        BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(1), value);
        Bytes(bytes);
    }

    private void SaveText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (protocol >= 4 && bytes.Length < 256)
            Bytes([0x8c, (byte)bytes.Length, .. bytes]);
        else
            Bytes([(byte)'X', .. BitConverter.GetBytes(bytes.Length), .. bytes]);
        Memoize(text);
    }

    private void SaveBytes(byte[] bytes)
    {
        if (protocol >= 3)
        {
            Bytes(bytes.Length < 256 ? [(byte)'C', (byte)bytes.Length, .. bytes] : [(byte)'B', .. BitConverter.GetBytes(bytes.Length), .. bytes]);
            Memoize(bytes);
        }
        else if (bytes.Length == 0)
        {
            SaveReduced(bytes, "__builtin__", "bytes", []);
        }
        else
        {
            SaveReduced(bytes, "_codecs", "encode", [Encoding.Latin1.GetString(bytes), "latin1"]);
        }
    }

    private void SaveTuple(object?[] tuple)
    {
        if (tuple.Length == 0)
        {
            Bytes((byte)')');
            return;
        }

        if (tuple.Length > 3)
            Bytes((byte)'(');
        foreach (var item in tuple)
            Save(item);
        Bytes(tuple.Length > 3 ? (byte)'t' : (byte)(0x84 + tuple.Length));
        Memoize(tuple);
    }

    private void SaveList(List<object?> list)
    {
        Bytes((byte)']');
        Memoize(list);
        if (list.Count > 1)
            Bytes((byte)'(');
        foreach (var item in list)
            Save(item);
        if (list.Count > 0)
            Bytes(list.Count > 1 ? (byte)'e' : (byte)'a');
    }

    private void SaveDict(Dict dict)
    {
        if (dict.IsOrderedDict)
            SaveReduced(dict, "collections", "OrderedDict", []);
        else
            Bytes((byte)'}');
        if (!dict.IsOrderedDict)
            Memoize(dict);
        if (dict.Count > 1)
            Bytes((byte)'(');
        foreach (var (key, item) in dict)
        {
            Save(key);
            Save(item);
        }

        if (dict.Count > 0)
            Bytes(dict.Count > 1 ? (byte)'u' : (byte)'s');
        if (dict.Attributes is not { } attributes)
            return;
        Save(attributes);
        Bytes((byte)'b');
    }

    private void SaveTensor(SavedTensor tensor)
    {
        object?[] arguments =
        [
            tensor.Storage, tensor.Offset, tensor.Shape.Cast<object?>().ToArray(), tensor.Strides.Cast<object?>().ToArray(),
            false, new Dict { IsOrderedDict = true },
        ];
        if (!tensor.IsParameter)
        {
            SaveReduced(tensor, "torch._utils", "_rebuild_tensor_v2", arguments);
            return;
        }

        SaveGlobal("torch._utils", "_rebuild_parameter");
        SaveTuple([tensor with { IsParameter = false }, true, new Dict { IsOrderedDict = true }]);
        Bytes((byte)'R');
        Memoize(tensor);
    }

    private void SavePersistent(SavedStorage storage)
    {
        SaveTuple([StorageId, new Global("torch", storage.Class), storage.Key, Location, storage.Count]);
        Bytes((byte)'Q');
    }

    private void SaveCall(Call call) => SaveReduced(call, call.Module, call.Name, call.Arguments);

    private void SaveReduced(object value, string module, string name, object?[] arguments)
    {
        SaveGlobal(module, name);
        SaveTuple(arguments);
        Bytes((byte)'R');
        Memoize(value);
    }

    private void SaveGlobal(string module, string name)
    {
        if (_globals.TryGetValue($"{module} {name}", out var global))
        {
            Recall(_memo[global]);
            return;
        }

        if (protocol >= 4)
        {
            Save(string.Intern(module));
            Save(string.Intern(name));
            Bytes(0x93);
        }
        else
        {
            Bytes([(byte)'c', .. Encoding.UTF8.GetBytes($"{module}\n{name}\n")]);
        }

        _globals.Add($"{module} {name}", global = new object());
        Memoize(global);
    }

    private void Memoize(object value)
    {
        _memo[value] = _memoized;
        if (protocol >= 4)
            Bytes(0x94);
        else if (_memoized < 256)
            Bytes((byte)'q', (byte)_memoized);
        else
            Bytes([(byte)'r', .. BitConverter.GetBytes(_memoized)]);
        _memoized++;
    }

    private void Recall(int index) =>
        Bytes(index < 256 ? [(byte)'h', (byte)index] : [(byte)'j', .. BitConverter.GetBytes(index)]);

    private void Bytes(params ReadOnlySpan<byte> bytes) => _instructions.Add(bytes.ToArray());
}
