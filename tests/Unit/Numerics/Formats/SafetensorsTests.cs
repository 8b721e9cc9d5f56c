using System.Buffers.Binary;
using System.Text;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Formats;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safetensors").FullName;

    private string FilePath => Path.Combine(_folder, "file.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_RoundTripsEveryType()
    {
        using var tensor = HostMemory.ToTensor([1.5f, -2, 3, 4, 5, 6], [2, 3], CPU);
        using var transposed = tensor.t();
        var writer = new SafetensorsWriter { Metadata = { ["kind"] = "täst" } };
        writer.Add("singles", new[] { 1f, 2 }, 2);
        writer.Add("doubles", new[] { 1.25, 2 }, 1, 2);
        writer.Add("longs", new[] { long.MinValue }, 1);
        writer.Add("ints", new[] { 7, -8 }, 2);
        writer.Add("bytes", new byte[] { 1, 2, 255 }, 3);
        writer.Add("empty", Array.Empty<float>(), 0, 4);
        writer.Add("scalar", new[] { 9f }, []);
        writer.Add("tensor", tensor);
        writer.Add("transposed", transposed);
        writer.Write(FilePath);

        using var file = SafetensorsFile.Open(FilePath);
        using var read = file.Read("transposed", CPU);
        Assert.Equal("täst", file.Metadata["kind"]);
        Assert.Equal([1f, 2], file.ReadSingle("singles"));
        Assert.Equal([1.25, 2], file.ReadDouble("doubles"));
        Assert.Equal([long.MinValue], file.ReadInt64("longs"));
        Assert.Equal([7, -8], file.ReadInt32("ints"));
        Assert.Equal([1, 2, 255], file.ReadByte("bytes"));
        Assert.Empty(file.ReadSingle("empty"));
        Assert.Empty(file.Entries["scalar"].Shape);
        Assert.Equal([9f], file.ReadSingle("scalar"));
        Assert.Equal([1.5f, -2, 3, 4, 5, 6], file.ReadSingle("tensor"));
        Assert.Equal([3, 2], read.shape);
        Assert.Equal([1.5f, 4, -2, 5, 3, 6], HostMemory.ToSingles(read));
    }

    [Fact]
    public void ReadSingle_WidensHalves()
    {
        using var half = tensor(new[] { 1.5f, -0.25f }).to(ScalarType.Float16);
        using var brain = tensor(new[] { 1.5f, -0.25f, 3e38f }).to(ScalarType.BFloat16);
        using var widened = brain.to(ScalarType.Float32);
        var writer = new SafetensorsWriter();
        writer.Add("half", half);
        writer.Add("brain", brain);
        writer.Write(FilePath);

        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal([1.5f, -0.25f], file.ReadSingle("half"));
        Assert.Equal(HostMemory.ToSingles(widened), file.ReadSingle("brain"));
    }

    [Fact]
    public void Write_GivesEqualBytesInAnyOrderOfAdding()
    {
        var other = Path.Combine(_folder, "other");
        var first = new SafetensorsWriter { Metadata = { ["b"] = "2", ["a"] = "1" } };
        first.Add("x", new[] { 1f }, 1);
        first.Add("long", new[] { 1L }, 1);
        first.Write(FilePath);
        var second = new SafetensorsWriter { Metadata = { ["a"] = "1", ["b"] = "2" } };
        second.Add("long", new[] { 1L }, 1);
        second.Add("x", new[] { 1f }, 1);
        second.Write(other);

        Assert.Equal(File.ReadAllBytes(FilePath), File.ReadAllBytes(other));
    }

    [Fact]
    public void Add_RefusesWrongCountsAndRepeatedNames()
    {
        var writer = new SafetensorsWriter();
        writer.Add("x", new[] { 1f }, 1);

        Assert.Throws<ArgumentException>(() => writer.Add("x", new[] { 1f }, 1));
        Assert.Throws<ArgumentException>(() => writer.Add("y", new[] { 1f }, 2));
        Assert.Throws<ArgumentException>(() => writer.Add("__metadata__", new[] { 1f }, 1));
    }

    [Theory]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12, "overlaps")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "belong to no tensor")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 8, "at the end")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4, "lies at bytes 0 to 8 of 4")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "lies at bytes 4 to 0")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, "cannot take 8 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[9000000000,9000000000],\"data_offsets\":[0,8]}}", 8, "overflows")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,8]}}", 8, "not a size")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,8]}}", 8, "not a size")]
    [InlineData("{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "unknown dtype 'F31'")]
    [InlineData("{\"a\":{\"dtype\":\"0\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "unknown dtype '0'")]
    [InlineData("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "no dtype")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", 8, "no shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8, "1 data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4611686018427387904,4],\"data_offsets\":[0,0]}}", 0, "overflows")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "'a' has two dtype")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "'a' has two shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"data_offsets\":[0,4]}}", 4, "'a' has two data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype F64 cannot take 4 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "dtype BF16 cannot take 8 bytes")]
    [InlineData("{\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]},\"e\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[6,6]},\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 8, "'e' overlaps")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "__metadata__ stands in the header twice")]
    [InlineData("{\"\\ud800\":7}", 0, "invalid text")]
    [InlineData("{\"a\":7}", 0, "not a JSON object")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "twice")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", 0, "not a string")]
    [InlineData("[]", 0, "not a JSON object")]
    [InlineData("{\"a\":", 0, "not JSON")]
    public void Open_NamesFileAndProblem(string header, int dataBytes, string problem)
    {
        WriteRaw((ulong)Encoding.UTF8.GetByteCount(header), header, dataBytes);

        var exception = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(FilePath));

        Assert.Contains(FilePath, exception.Message);
        Assert.Contains(problem, exception.Message);
    }

    [Theory]
    [InlineData(200_000_000UL, "more than 100000000")]
    [InlineData(ulong.MaxValue, "more than 100000000")]
    [InlineData(1_000UL, "the file has")]
    public void Open_RefusesHeadersThatClaimTooMuch(ulong claimed, string problem)
    {
        WriteRaw(claimed, "{}", 0);

        var exception = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(FilePath));

        Assert.Contains(problem, exception.Message);
    }

    [Fact]
    public void Open_RefusesEveryTruncation()
    {
        var writer = new SafetensorsWriter();
        writer.Add("x", new[] { 1f, 2, 3 }, 3);
        writer.Write(FilePath);
        var whole = File.ReadAllBytes(FilePath);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(FilePath));
        }
    }

    [Fact]
    public void Read_NamesWhatIsThereAndWhatWasAsked()
    {
        var writer = new SafetensorsWriter();
        writer.Add("x", new[] { 1L }, 1);
        writer.Write(FilePath);
        using var file = SafetensorsFile.Open(FilePath);

        Assert.Contains("it has: x", Assert.Throws<InvalidDataException>(() => file.ReadSingle("y")).Message);
        Assert.Contains("dtype I64", Assert.Throws<InvalidDataException>(() => file.ReadSingle("x")).Message);
        Assert.Contains("expected [2]", Assert.Throws<InvalidDataException>(() => file.Require("x", 2)).Message);
    }

    [Fact]
    public void Open_TakesUnsortedOffsetsAndEmptyTensorsBetween()
    {
        const string Header =
            """{"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]},"e":{"dtype":"F64","shape":[3,0],"data_offsets":[4,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""";
        WriteRaw((ulong)Header.Length, Header, 8);

        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal(new byte[4], file.ReadByte("b"));
        Assert.Empty(file.ReadDouble("e"));
        using var empty = file.Read("e", CPU);
        Assert.Equal([3, 0], empty.shape);
    }

    [Fact]
    public void Open_QuotesLittleOfLongNames()
    {
        var name = new string('n', 100_000);
        var header = $"{{\"{name}\":{{\"dtype\":\"{name}\"}}}}";
        WriteRaw((ulong)header.Length, header, 0);

        var message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(FilePath)).Message;

        Assert.InRange(message.Length, 1, 1000);
        Assert.Contains("nnn… (100000 characters)' has the unknown dtype", message);
    }

    /// <summary>A file of other tools opens for what can be read of it.</summary>
    [Fact]
    public void Open_TakesTypesThatHaveNoTensor()
    {
        const string Header =
            """{"u":{"dtype":"U16","shape":[2],"data_offsets":[0,4]},"f":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[4,6]},"b":{"dtype":"BOOL","shape":[2],"data_offsets":[6,8]}}""";
        WriteRaw((ulong)Header.Length, Header, 8);

        using var file = SafetensorsFile.Open(FilePath);
        using var mask = file.Read("b", CPU);
        Assert.Equal(ScalarType.Bool, mask.dtype);
        Assert.Contains(
            "tensor 'u' has dtype U16, expected F32, F64, F16, BF16, I64, I32, U8, I16, I8, BOOL",
            Assert.Throws<InvalidDataException>(() => file.Read("u", CPU)).Message);
        Assert.Contains("tensor 'f' has dtype F8_E4M3", Assert.Throws<InvalidDataException>(() => file.ReadSingle("f")).Message);
    }

    [Theory]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Bool)]
    public void Write_RoundTripsTensorsOfSmallTypes(ScalarType type)
    {
        using var original = tensor(new[] { 1f, 0, 1 }).to(type);
        var writer = new SafetensorsWriter();
        writer.Add("x", original);
        writer.Write(FilePath);

        using var file = SafetensorsFile.Open(FilePath);
        using var read = file.Read("x", CPU);
        Assert.Equal(type, read.dtype);
        Assert.True(read.equal(original).all().item<bool>());
    }

    /// <summary>Thresholds of SAELens are float64.</summary>
    [Fact]
    public void ReadSingle_RoundsDoubles()
    {
        var writer = new SafetensorsWriter();
        writer.Add("threshold", new[] { 0.1 }, []);
        writer.Add("beyond", new[] { 0, 1e39 }, 2);
        writer.Add("infinite", new[] { double.PositiveInfinity, -0.0 }, 2);
        writer.Write(FilePath);

        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal([0.1f], file.ReadSingle("threshold"));
        Assert.Equal([float.PositiveInfinity, -0f], file.ReadSingle("infinite"));
        Assert.Contains("tensor 'beyond' holds 1E+39, which is beyond float32", Assert.Throws<InvalidDataException>(() => file.ReadSingle("beyond")).Message);
    }

    [Fact]
    public void Read_TakesMoreThanOnePiece()
    {
        // A piece has 2^24 bytes.
        var doubles = Enumerable.Range(0, 5_000_001).Select(i => (double)i).ToArray();
        var writer = new SafetensorsWriter();
        writer.Add("x", doubles, doubles.Length);
        writer.Write(FilePath);

        using var file = SafetensorsFile.Open(FilePath);
        using var read = file.Read("x", CPU);
        Assert.Equal(doubles, file.ReadDouble("x"));
        Assert.Equal(doubles.Select(value => (float)value), file.ReadSingle("x"));
        Assert.Equal(doubles, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(read.bytes).ToArray());
    }

    private void WriteRaw(ulong claimed, string header, int dataBytes)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[sizeof(ulong) + text.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed);
        text.CopyTo(bytes, sizeof(ulong));
        File.WriteAllBytes(FilePath, bytes);
    }
}
