using System.Text;
using Orchestrator.Numerics.Formats.Torch.Pickle;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>
/// Everything that the pickle of an archive may ask for, and what stands for it here: constructors of plain data
/// (<c>torch/serialization.py</c>, <c>torch/_utils.py</c> of PyTorch 1.6 to 2.x).
/// </summary>
internal static class TorchGlobals
{
    // A persistent id: ('storage', class, key, location, number of elements).
    private const int IdLength = 5;

    public static IReadOnlyDictionary<string, PickleGlobal> All { get; } = Functions().Concat(Types())
        .ToDictionary(global => global.Name, StringComparer.Ordinal);

    /// <summary>The storage that a persistent id names.</summary>
    /// <param name="id">The id's parts.</param>
    /// <param name="archive">Where the record is.</param>
    public static TorchStorage Storage(PickleArguments id, TorchContainer archive)
    {
        id.RequireCount(IdLength, IdLength);
        if (id.Get<string>(0, "the kind", "a str") is var kind && kind != "storage")
            throw id.Site.Invalid($"a persistent id is of kind '{Excerpt.Text(kind)}', not 'storage'");
        var storageClass = id.Get<StorageClass>(1, "the class", "a class of storages");
        var key = id.Get<string>(2, "the key", "a str");
        id.Get<string>(3, "the location", "a str");
        var count = id.Size(4, "the number of elements");
        if (archive.Storage(key) is not { } record)
            throw id.Site.Invalid($"the pickle needs the storage '{Excerpt.Text(key)}', which the archive lacks");
        var size = storageClass.Type.ElementSize();
        if (record.Length % size != 0 || record.Length / size != count)
        {
            throw id.Site.Invalid(
                $"the storage '{Excerpt.Text(key)}' should have {count} elements of {size} bytes, but its record has {record.Length} bytes");
        }

        return new TorchStorage(record, storageClass.Type, storageClass.IsUntyped);
    }

    private static IEnumerable<PickleGlobal> Functions() =>
    [
        new Function("collections.OrderedDict", OrderedDict),
        new Function("torch._utils._rebuild_tensor_v2", arguments => Tensor(arguments, hasType: false)),
        new Function("torch._utils._rebuild_tensor_v3", arguments => Tensor(arguments, hasType: true)),
        new Function("torch._utils._rebuild_parameter", Parameter),
        new Function("torch.Size", Size),
        new Function("torch.device", Device),
        // How protocol 2 writes bytes: as text of the same code points; none at all as bytes().
        new Function("_codecs.encode", Bytes),
        new Function("__builtin__.bytes", NoBytes),
        new Function("builtins.bytes", NoBytes),
    ];

    private static IEnumerable<PickleGlobal> Types()
    {
        foreach (var (type, name, storage) in TorchTypes.All)
        {
            yield return new DataType($"torch.{name}", type);
            yield return new StorageClass($"torch.{storage}", type, isUntyped: false);
        }

        yield return new StorageClass("torch.storage.UntypedStorage", ScalarType.Byte, isUntyped: true);
    }

    private static PickleDictionary OrderedDict(PickleArguments arguments)
    {
        arguments.RequireCount(0, 0);
        return new PickleDictionary(isOrderedDict: true);
    }

    /// <summary>(storage, offset, size, stride, requires_grad, backward_hooks[, dtype][, metadata])</summary>
    private static TorchView Tensor(PickleArguments arguments, bool hasType)
    {
        var fixedCount = hasType ? 7 : 6;
        arguments.RequireCount(fixedCount, fixedCount + 1);
        var storage = arguments.Get<TorchStorage>(0, "storage", "a storage");
        var offset = arguments.Size(1, "storage_offset");
        var (shape, strides) = (arguments.Sizes(2, "size"), arguments.Sizes(3, "stride"));
        arguments.Get<bool>(4, "requires_grad", "a bool");
        RequireEmpty(arguments, 5, "backward_hooks");
        if (arguments.Count > fixedCount)
            RequireEmpty(arguments, fixedCount, "metadata");
        var type = hasType ? arguments.Get<DataType>(6, "dtype", "a dtype").Type : storage.Type;
        if (type != storage.Type && !storage.IsUntyped)
            throw arguments.Site.Invalid($"a tensor of {type.PythonName()} is made of a storage of {storage.Type.PythonName()}");
        return TorchView.Create(storage.Record, type, offset, shape, strides, arguments.Site);
    }

    /// <summary>(data, requires_grad, backward_hooks)</summary>
    private static TorchView Parameter(PickleArguments arguments)
    {
        arguments.RequireCount(3, 3);
        arguments.Get<bool>(1, "requires_grad", "a bool");
        RequireEmpty(arguments, 2, "backward_hooks");
        return arguments.Get<TorchView>(0, "data", "a tensor");
    }

    private static PickleTuple Size(PickleArguments arguments)
    {
        arguments.RequireCount(1, 1);
        arguments.Sizes(0, "the shape");
        return (PickleTuple)arguments.Tuple.Items[0]!;
    }

    private static DeviceName Device(PickleArguments arguments)
    {
        arguments.RequireCount(1, 2);
        var type = arguments.Get<string>(0, "type", "a str");
        return new DeviceName(arguments.Count == 1 ? type : $"{type}:{arguments.Size(1, "index")}");
    }

    private static byte[] Bytes(PickleArguments arguments)
    {
        arguments.RequireCount(2, 2);
        var text = arguments.Get<string>(0, "the text", "a str");
        if (arguments.Get<string>(1, "the encoding", "a str") is not "latin1")
            throw arguments.Site.Invalid($"{arguments.Function} is called for another encoding than latin1, which stands for bytes");
        if (text.AsSpan().ContainsAnyExceptInRange('\0', '\u00ff'))
            throw arguments.Site.Invalid($"{arguments.Function} is called for a text that is not latin1");
        return Encoding.Latin1.GetBytes(text);
    }

    private static byte[] NoBytes(PickleArguments arguments)
    {
        arguments.RequireCount(0, 0);
        return [];
    }

    /// <summary>Hooks are code, and metadata changes what elements mean (conjugated, negated): neither is understood.</summary>
    private static void RequireEmpty(PickleArguments arguments, int index, string name)
    {
        if (arguments.Tuple.Items[index] is not (null or PickleDictionary { Items.Count: 0 }))
            throw arguments.Site.Invalid($"{name} of {arguments.Function} is {PickleObject.KindOf(arguments.Tuple.Items[index])} that is not empty");
    }

    /// <summary>A function that makes data of its arguments.</summary>
    private sealed class Function(string name, Func<PickleArguments, object> call) : PickleGlobal(name)
    {
        public override object Call(PickleArguments arguments) => call(arguments);
    }

    /// <summary>A class of storages; it only names the type of their elements.</summary>
    private sealed class StorageClass(string name, ScalarType type, bool isUntyped) : PickleGlobal(name)
    {
        public ScalarType Type { get; } = type;

        public bool IsUntyped { get; } = isUntyped;
    }

    /// <summary>A dtype.</summary>
    internal sealed class DataType(string name, ScalarType type) : PickleGlobal(name)
    {
        public ScalarType Type { get; } = type;
    }

    /// <summary>A <c>torch.device</c>.</summary>
    internal sealed class DeviceName(string name) : PickleObject
    {
        public string Name { get; } = name;

        public override string Kind => "a torch.device";
    }
}
