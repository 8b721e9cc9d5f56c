using System.Runtime.InteropServices;
using System.Text;

namespace Orchestrator.Unit.Numerics.Formats.Torch;

/// <summary>An archive as <c>torch.save</c> writes it, of which tests may change any record before it is written.</summary>
internal sealed class TorchArchiveWriter(string folder = "archive")
{
    private int _storages;

    /// <summary>Pickle protocol; <c>torch.save</c> uses 2 unless told otherwise.</summary>
    public int Protocol { get; init; } = 2;

    /// <summary>The records in order, without the folder.</summary>
    public OrderedDictionary<string, byte[]> Records { get; } = [];

    /// <summary>A storage with these elements.</summary>
    public SavedStorage Storage<T>(string storageClass, params T[] elements)
        where T : unmanaged
    {
        var storage = new SavedStorage($"{_storages++}", storageClass, elements.Length);
        Records.Add($"data/{storage.Key}", MemoryMarshal.AsBytes(elements.AsSpan()).ToArray());
        return storage;
    }

    /// <summary>A row-major float32 tensor with a storage of its own.</summary>
    public SavedTensor Singles(long[] shape, params float[] elements) => Tensor("FloatStorage", shape, elements);

    /// <summary>A row-major tensor with a storage of its own.</summary>
    public SavedTensor Tensor<T>(string storageClass, long[] shape, params T[] elements)
        where T : unmanaged
    {
        var strides = new long[shape.Length];
        long stride = 1;
        for (var axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(1, shape[axis]);
        }

        return new SavedTensor(Storage(storageClass, elements), 0, shape, strides);
    }

    /// <summary>Completes the records around that value as PyTorch 2.x does.</summary>
    public TorchArchiveWriter Save(object? root) => SavePickle(PickleWriter.Write(root, Protocol));

    /// <summary>As <see cref="Save"/>, with a pickle made elsewhere.</summary>
    public TorchArchiveWriter SavePickle(byte[] pickle)
    {
        Records.Insert(0, "data.pkl", pickle);
        Records.Insert(1, ".format_version", "1"u8.ToArray());
        Records.Insert(2, ".storage_alignment", "64"u8.ToArray());
        Records.Insert(3, "byteorder", "little"u8.ToArray());
        Records.Add("version", "3\n"u8.ToArray());
        Records.Add(".data/serialization_id", Encoding.ASCII.GetBytes(new string('7', 40)));
        return this;
    }

    /// <summary>As PyTorch 1.x does: without the newer records.</summary>
    public TorchArchiveWriter SaveAsVersion1(object? root)
    {
        Records.Insert(0, "data.pkl", PickleWriter.Write(root, Protocol));
        Records.Add("version", "3\n"u8.ToArray());
        return this;
    }

    public ZipWriter ToZip()
    {
        var zip = new ZipWriter();
        foreach (var (name, content) in Records)
            zip.Add($"{folder}/{name}", content);
        return zip;
    }

    public byte[] ToBytes() => ToZip().Finish();
}
