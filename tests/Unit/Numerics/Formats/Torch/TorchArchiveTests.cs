using System.Numerics;
using Orchestrator.Numerics.Formats.Torch;
using Orchestrator.Numerics.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Formats.Torch;

public sealed class TorchArchiveTests : IDisposable
{
    private readonly ArchiveFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Read_RoundTripsEveryType()
    {
        var writer = new TorchArchiveWriter();
        using var archive = _file.Open(writer.Save(new Dict
        {
            ["float32"] = writer.Tensor("FloatStorage", [2], 1.5f, -2e30f),
            ["float64"] = writer.Tensor("DoubleStorage", [2], 1.25, -1e300),
            ["float16"] = writer.Tensor("HalfStorage", [2], (Half)0.5, Half.MinValue),
            ["bfloat16"] = writer.Tensor("BFloat16Storage", [2], (ushort)0x3fc0, (ushort)0xc000),
            ["int64"] = writer.Tensor("LongStorage", [2], long.MinValue, 7),
            ["int32"] = writer.Tensor("IntStorage", [2], int.MinValue, 7),
            ["int16"] = writer.Tensor("ShortStorage", [2], short.MinValue, (short)7),
            ["int8"] = writer.Tensor("CharStorage", [2], sbyte.MinValue, (sbyte)7),
            ["uint8"] = writer.Tensor("ByteStorage", [2], byte.MaxValue, (byte)7),
            ["bool"] = writer.Tensor("BoolStorage", [2], (byte)1, (byte)0),
        }));

        AssertTensor<float>(archive, "float32", ScalarType.Float32, [1.5f, -2e30f]);
        AssertTensor<double>(archive, "float64", ScalarType.Float64, [1.25, -1e300]);
        AssertTensor<Half>(archive, "float16", ScalarType.Float16, [(Half)0.5, Half.MinValue]);
        AssertTensor<long>(archive, "int64", ScalarType.Int64, [long.MinValue, 7]);
        AssertTensor<int>(archive, "int32", ScalarType.Int32, [int.MinValue, 7]);
        AssertTensor<short>(archive, "int16", ScalarType.Int16, [short.MinValue, 7]);
        AssertTensor<sbyte>(archive, "int8", ScalarType.Int8, [sbyte.MinValue, 7]);
        AssertTensor<byte>(archive, "uint8", ScalarType.Byte, [byte.MaxValue, 7]);
        AssertTensor<bool>(archive, "bool", ScalarType.Bool, [true, false]);
        using var brain = archive.Read("bfloat16", CPU);
        Assert.Equal(ScalarType.BFloat16, brain.dtype);
        Assert.Equal([1.5f, -2], archive.ReadSingle("bfloat16"));
        Assert.Equal(10, archive.Entries.Count);
        Assert.Empty(archive.Values);
    }

    [Fact]
    public void Read_FollowsStridesIntoSharedStorages()
    {
        var writer = new TorchArchiveWriter();
        var storage = writer.Storage("FloatStorage", Enumerable.Range(0, 24).Select(i => (float)i).ToArray());
        using var archive = _file.Open(writer.Save(new Dict
        {
            ["whole"] = new SavedTensor(storage, 0, [4, 6], [6, 1]),
            ["transposed"] = new SavedTensor(storage, 0, [6, 4], [1, 6]),
            ["every second of two rows"] = new SavedTensor(storage, 6, [2, 3], [6, 2]),
            ["row"] = new SavedTensor(storage, 18, [6], [1]),
            ["repeated"] = new SavedTensor(storage, 2, [3, 2], [0, 1]),
            ["last"] = new SavedTensor(storage, 23, [], []),
            ["strides of single extents do not count"] = new SavedTensor(storage, 3, [1, 3, 1], [99, 1, 0]),
        }));

        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), ReadBoth(archive, "whole", 4, 6));
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)((i % 4 * 6) + (i / 4))), ReadBoth(archive, "transposed", 6, 4));
        Assert.Equal([6f, 8, 10, 12, 14, 16], ReadBoth(archive, "every second of two rows", 2, 3));
        Assert.Equal([18f, 19, 20, 21, 22, 23], ReadBoth(archive, "row", 6));
        Assert.Equal([2f, 3, 2, 3, 2, 3], ReadBoth(archive, "repeated", 3, 2));
        Assert.Equal([23f], ReadBoth(archive, "last"));
        Assert.Equal([3f, 4, 5], ReadBoth(archive, "strides of single extents do not count", 1, 3, 1));
    }

    [Fact]
    public void Read_GivesEmptyAndManyDimensionalTensors()
    {
        var writer = new TorchArchiveWriter();
        var shape = Enumerable.Repeat(1L, 64).ToArray();
        var storage = writer.Storage("FloatStorage", 1f, 2, 3, 4);
        var pair = shape[..62].Append(2).Append(2).ToArray();
        using var archive = _file.Open(writer.Save(new Dict
        {
            ["empty"] = writer.Singles([0, 3]),
            ["far"] = new SavedTensor(storage, 99, [2, 0], [1, 1]),
            ["deep"] = new SavedTensor(storage, 0, pair, [.. shape[..62], 2, 1]),
            ["deep strided"] = new SavedTensor(storage, 0, pair, [.. shape[..62], 1, 2]),
        }));

        Assert.Empty(ReadBoth(archive, "empty", 0, 3));
        Assert.Empty(ReadBoth(archive, "far", 2, 0));
        Assert.Equal([1f, 2, 3, 4], ReadBoth(archive, "deep", pair));
        Assert.Equal([1f, 3, 2, 4], ReadBoth(archive, "deep strided", pair));
    }

    [Fact]
    public void Read_TakesMoreThanOnePiece()
    {
        // A piece has 2^24 bytes.
        const int Rows = 5000, Columns = 1001;
        var writer = new TorchArchiveWriter();
        var elements = Enumerable.Range(0, Rows * Columns).Select(i => (float)i).ToArray();
        var storage = writer.Storage("FloatStorage", elements);
        using var archive = _file.Open(writer.Save(new Dict
        {
            ["plain"] = new SavedTensor(storage, 0, [Rows, Columns], [Columns, 1]),
            ["transposed"] = new SavedTensor(storage, 0, [Columns, Rows], [1, Columns]),
        }));

        Assert.Equal(elements, ReadBoth(archive, "plain", Rows, Columns));
        var transposed = ReadBoth(archive, "transposed", Columns, Rows);
        Assert.Equal(elements[(4999 * Columns) + 1000], transposed[(1000 * Rows) + 4999]);
        Assert.Equal(elements[(17 * Columns) + 3], transposed[(3 * Rows) + 17]);
    }

    [Fact]
    public void Read_LeavesOneTensorToTheCaller()
    {
        var writer = new TorchArchiveWriter();
        var storage = writer.Storage("FloatStorage", 1f, 2, 3, 4);
        using var archive = _file.Open(writer.Save(new SavedTensor(storage, 0, [2, 2], [1, 2])));

        using var scope = NewDisposeScope();
        using var tensor = archive.Read("", CPU);

        Assert.Equal(1, scope.DisposablesCount);
        Assert.True(tensor.is_contiguous());
    }

    [Fact]
    public void Names_JoinTheKeysOfTheTree()
    {
        var writer = new TorchArchiveWriter();
        using var archive = _file.Open(writer.Save(new Dict
        {
            ["model"] = new Dict
            {
                IsOrderedDict = true,
                Attributes = new Dict { ["_metadata"] = new Dict { IsOrderedDict = true, [""] = new Dict { ["version"] = 1 } } },
                ["encoder.weight"] = writer.Singles([1], 1) with { IsParameter = true },
            },
            ["optimizer"] = new Dict
            {
                ["state"] = new Dict { [0] = new Dict { ["exp_avg"] = writer.Singles([1], 2) } },
                ["param_groups"] = new List<object?> { new Dict { ["lr"] = 0.001, ["betas"] = new object?[] { 0.9, 0.999 } } },
            },
            ["empty"] = new Dict(),
            ["epoch"] = 3,
        }));

        Assert.Equal(["model/encoder.weight", "optimizer/state/0/exp_avg"], archive.Entries.Keys);
        Assert.Equal(["optimizer/param_groups/0/lr", "optimizer/param_groups/0/betas", "epoch"], archive.Values.Keys);
        Assert.Equal([1f], archive.ReadSingle("model/encoder.weight"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Values_RoundTripInEveryProtocol(int protocol)
    {
        var shared = new List<object?> { 1, 2 };
        var longText = new string('ä', 300);
        using var archive = _file.OpenValue(
            new Dict
            {
                ["none"] = null,
                ["true"] = true,
                ["small"] = 255,
                ["middle"] = 65535,
                ["negative"] = -1,
                ["wide"] = 1L << 40,
                ["seed"] = BigInteger.Pow(2, 64) - 1,
                ["float"] = -0.1,
                ["text"] = "köder\n",
                ["long text"] = longText,
                ["bytes"] = new byte[] { 0, 10, 200 },
                ["no bytes"] = Array.Empty<byte>(),
                ["long bytes"] = new byte[300],
                ["list"] = shared,
                ["again"] = shared,
                ["tuple"] = new object?[] { 1, "two", null, new object?[] { } },
                ["size"] = new Call("torch", "Size", (object)new object?[] { 2, 3 }),
                ["device"] = new Call("torch", "device", "cuda", 1),
                ["host"] = new Call("torch", "device", "cpu"),
                ["dtype"] = new Global("torch", "bfloat16"),
            },
            protocol);

        Assert.Equal(new TorchValue.None(), archive.Values["none"]);
        Assert.Equal(new TorchValue.Boolean(true), archive.Values["true"]);
        Assert.Equal(255, archive.ReadInteger("small"));
        Assert.Equal(65535, archive.ReadInteger("middle"));
        Assert.Equal(-1, archive.ReadInteger("negative"));
        Assert.Equal(1L << 40, archive.ReadInteger("wide"));
        Assert.Equal(new TorchValue.Integer(BigInteger.Pow(2, 64) - 1), archive.Values["seed"]);
        Assert.Equal(-0.1, archive.ReadNumber("float"));
        Assert.Equal(new TorchValue.Text("köder\n"), archive.Values["text"]);
        Assert.Equal(new TorchValue.Text(longText), archive.Values["long text"]);
        Assert.Equal([0, 10, 200], Assert.IsType<TorchValue.Bytes>(archive.Values["bytes"]).Value.ToArray());
        Assert.Empty(Assert.IsType<TorchValue.Bytes>(archive.Values["no bytes"]).Value.ToArray());
        Assert.Equal(300, Assert.IsType<TorchValue.Bytes>(archive.Values["long bytes"]).Value.Length);
        Assert.Equal([new TorchValue.Integer(1), new TorchValue.Integer(2)], ItemsOf(archive, "list"));
        Assert.Equal(ItemsOf(archive, "list"), ItemsOf(archive, "again"));
        Assert.Equal(new TorchValue.Text("two"), ItemsOf(archive, "tuple")[1]);
        Assert.Empty(Assert.IsType<TorchValue.Sequence>(ItemsOf(archive, "tuple")[3]).Items);
        Assert.Equal([new TorchValue.Integer(2), new TorchValue.Integer(3)], ItemsOf(archive, "size"));
        Assert.Equal(new TorchValue.Device("cuda:1"), archive.Values["device"]);
        Assert.Equal(new TorchValue.Device("cpu"), archive.Values["host"]);
        Assert.Equal(new TorchValue.DataType(ScalarType.BFloat16), archive.Values["dtype"]);
    }

    [Fact]
    public void Read_TakesTypesFromVersion3OfTheRebuildFunction()
    {
        var writer = new TorchArchiveWriter();
        var bytes = writer.Storage("storage.UntypedStorage", [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)]);
        using var archive = _file.Open(writer.Save(new Dict
        {
            ["typed"] = new Call(
                "torch._utils", "_rebuild_tensor_v3", bytes, 0, new object?[] { 2 }, new object?[] { 1 }, false, new Dict(), new Global("torch", "float32")),
            ["bytes"] = new Call("torch._utils", "_rebuild_tensor_v2", bytes, 0, new object?[] { 8 }, new object?[] { 1 }, false, new Dict()),
        }));

        Assert.Equal([1.5f, -2], archive.ReadSingle("typed"));
        Assert.Equal(ScalarType.Byte, archive.Require("bytes", 8).Type);
    }

    [Fact]
    public void ReadSingle_ConvertsExactlyAndRoundsDoubles()
    {
        var halves = Enumerable.Range(0, 1 << 16).Select(i => BitConverter.UInt16BitsToHalf((ushort)i)).ToArray();
        double[] doubles = [0.1, -0.0, double.NaN, double.NegativeInfinity, 1 + Math.Pow(2, -24), 1 + (3 * Math.Pow(2, -24)), 1e-50, float.MaxValue];
        var writer = new TorchArchiveWriter();
        using var archive = _file.Open(writer.Save(new Dict
        {
            ["half"] = writer.Tensor("HalfStorage", [1 << 16], halves),
            ["double"] = writer.Tensor("DoubleStorage", [8], doubles),
            ["beyond"] = writer.Tensor("DoubleStorage", [2], 0, -1e39),
        }));

        Assert.Equal(halves.Select(half => (float)half), archive.ReadSingle("half"));
        // Ties go to the even neighbour: down to 1, up to 1 + 2^-22.
        Assert.Equal(
            [0.1f, -0f, float.NaN, float.NegativeInfinity, 1f, 1 + MathF.Pow(2, -22), 0f, float.MaxValue], archive.ReadSingle("double"));
        Assert.Contains(
            "tensor 'beyond' holds -1E+39, which is beyond float32",
            Assert.Throws<InvalidDataException>(() => archive.ReadSingle("beyond")).Message);
    }

    [Fact]
    public void ReadNumber_TakesPlainValuesAndTensorsOfOneElement()
    {
        var writer = new TorchArchiveWriter();
        using var archive = _file.Open(writer.Save(new Dict
        {
            ["k"] = writer.Tensor("IntStorage", [], 32),
            ["plain k"] = 32,
            ["threshold"] = writer.Tensor("FloatStorage", [1], -0.5f),
            ["precise"] = writer.Tensor("DoubleStorage", [], 0.1),
            ["brain"] = writer.Tensor("BFloat16Storage", [], (ushort)0x3fc0),
            ["flag"] = writer.Tensor("BoolStorage", [], (byte)1),
            ["group_sizes"] = writer.Tensor("LongStorage", [3], 1L, 2, 3),
            ["huge"] = BigInteger.Pow(2, 64),
        }));

        Assert.Equal(32, archive.ReadInteger("k"));
        Assert.Equal(32, archive.ReadInteger("plain k"));
        Assert.Equal(32, archive.ReadNumber("k"));
        Assert.Equal(32, archive.ReadNumber("plain k"));
        Assert.Equal(-0.5, archive.ReadNumber("threshold"));
        Assert.Equal(0.1, archive.ReadNumber("precise"));
        Assert.Equal(1.5, archive.ReadNumber("brain"));
        Assert.Equal(1, archive.ReadInteger("flag"));
        Assert.Equal([1, 2, 3], archive.ReadInt64("group_sizes"));
        Refuses("has 3 elements, expected one", () => archive.ReadNumber("group_sizes"));
        Refuses("dtype float32, expected an integer type", () => archive.ReadInteger("threshold"));
        Refuses("over 64 bits", () => archive.ReadInteger("huge"));
        Refuses("no tensor 'K'; it has: brain, flag, group_sizes, k, precise, threshold", () => archive.ReadNumber("K"));
    }

    [Fact]
    public void Read_NamesWhatIsThereAndWhatWasAsked()
    {
        var writer = new TorchArchiveWriter();
        using var archive = _file.Open(writer.Save(new Dict { ["w"] = writer.Tensor("LongStorage", [2], 1L, 2), ["k"] = 3, ["name"] = "x" }));

        Refuses("has no tensor 'W'; it has: w", () => archive.Read("W", CPU));
        Refuses("'k' is an int, not a tensor", () => archive.Require("k"));
        Refuses("'name' is a str, not one such number", () => archive.ReadNumber("name"));
        Refuses("tensor 'w' has shape [2], expected [3]", () => archive.Require("w", 3));
        Refuses("tensor 'w' has dtype int64, expected float32, float16, bfloat16 or float64", () => archive.ReadSingle("w"));
    }

    [Fact]
    public void Open_TakesARootThatIsATensor()
    {
        var writer = new TorchArchiveWriter();
        using var archive = _file.Open(writer.Save(writer.Singles([2], 1, 2)));

        Assert.Equal([1f, 2], archive.ReadSingle(""));
    }

    [Fact]
    public void Open_ClosesWhatItRefuses()
    {
        _file.Refusal("nothing"u8.ToArray());

        using var exclusive = File.Open(_file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Throws<FileNotFoundException>(() => TorchArchive.Open(_file.Path + "x"));
    }

    private static IReadOnlyList<TorchValue> ItemsOf(TorchArchive archive, string name) =>
        Assert.IsType<TorchValue.Sequence>(archive.Values[name]).Items;

    private static void Refuses(string problem, Action action) =>
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(action).Message);

    private static void Refuses(string problem, Func<object> action) => Refuses(problem, () => { _ = action(); });

    private static void AssertTensor<T>(TorchArchive archive, string name, ScalarType type, T[] expected)
        where T : unmanaged
    {
        Assert.Equal(type, archive.Require(name, expected.Length).Type);
        using var tensor = archive.Read(name, CPU);
        Assert.Equal(type, tensor.dtype);
        Assert.Equal([expected.Length], tensor.shape);
        Assert.Equal(expected, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(tensor.bytes).ToArray());
    }

    /// <summary>The elements, read as a tensor and as an array.</summary>
    private static float[] ReadBoth(TorchArchive archive, string name, params long[] shape)
    {
        Assert.Equal(shape, archive.Require(name, shape).Shape);
        using var tensor = archive.Read(name, CPU);
        Assert.Equal(shape, tensor.shape);
        Assert.True(tensor.is_contiguous());
        var singles = archive.ReadSingle(name);
        Assert.Equal(singles, HostMemory.ToSingles(tensor));
        return singles;
    }
}
