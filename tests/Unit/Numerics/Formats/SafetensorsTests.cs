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

    private void WriteRaw(ulong claimed, string header, int dataBytes)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[sizeof(ulong) + text.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed);
        text.CopyTo(bytes, sizeof(ulong));
        File.WriteAllBytes(FilePath, bytes);
    }
}
