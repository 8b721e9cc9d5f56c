using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Numerics.Formats;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Formats;

/// <summary>Thousands of spoiled safetensors files: each is read or refused, never anything else, within bounded memory.</summary>
public sealed partial class SafetensorsFuzzTests : IDisposable
{
    private const int Mutations = 3000;
    private const long MaxAllocatedBytes = 8 << 20;

    private static readonly byte[][] Snippets =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "0", "-1", "1e3", "18446744073709551615", "9223372036854775807", "4611686018427387904", "null",
            "\"dtype\":\"F64\",", "\"shape\":[0],", "\"shape\":[2,2],", "\"data_offsets\":[0,8],", "\"dtype\":\"BOOL\"", "\"__metadata__\":{},",
            "\\ud800", "\u00ff",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("safetensors").FullName;

    private string FilePath => Path.Combine(_folder, "file.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Whole files, the length in front included.</summary>
    [Theory]
    [InlineData(5)]
    public void Open_ReadsOrRefusesSpoiledFiles(int seed)
    {
        var random = new Random(seed);
        var mutator = new Mutator(random);
        var whole = Whole();

        Fuzz(seed, () => mutator.Mutate(whole));
    }

    /// <summary>Headers in front of which the right length stands.</summary>
    [Theory]
    [InlineData(6)]
    public void Open_ReadsOrRefusesSpoiledHeaders(int seed)
    {
        var random = new Random(seed);
        var mutator = new Mutator(random, Snippets);
        var whole = Whole();
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(whole);
        var (header, data) = (whole[8..(8 + length)], whole[(8 + length)..]);

        Fuzz(seed, () =>
        {
            var mutated = random.Next(2) == 0 ? mutator.Mutate(header) : WithOtherNumber(header, random);
            return [.. BitConverter.GetBytes((ulong)mutated.Length), .. mutated, .. data];
        });
    }

    /// <summary>The header, still JSON, with another number or type at one place.</summary>
    private static byte[] WithOtherNumber(byte[] header, Random random)
    {
        string[] numbers = ["0", "1", "2", "3", "8", "16", "32", "-1", "4294967296", "9223372036854775807"];
        var text = Encoding.UTF8.GetString(header);
        var places = Words().Matches(text);
        var place = places[random.Next(places.Count)];
        var types = Enum.GetNames<SafetensorsType>();
        var other = char.IsDigit(place.Value[0]) ? numbers[random.Next(numbers.Length)] : types[random.Next(types.Length)];
        return Encoding.UTF8.GetBytes(text[..place.Index] + other + text[(place.Index + place.Length)..]);
    }

    /// <summary>Numbers and types of a header.</summary>
    [GeneratedRegex(@"(?<=[\[,])\d+|(?<=""dtype"":"")\w+")]
    private static partial Regex Words();

    private byte[] Whole()
    {
        using var mask = tensor(new[] { true, false });
        var writer = new SafetensorsWriter { Metadata = { ["format"] = "pt" } };
        writer.Add("double", new[] { 1.5, -2 }, 2);
        writer.Add("long", new[] { 1L, 2, 3, 4 }, 2, 2);
        writer.Add("single", new[] { 1f, 2 }, 1, 2);
        writer.Add("empty", Array.Empty<float>(), 0, 3);
        writer.Add("mask", mask);
        writer.Write(FilePath);
        return File.ReadAllBytes(FilePath);
    }

    private void Fuzz(int seed, Func<byte[]> next)
    {
        int opened = 0, refused = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var content = next();
            File.WriteAllBytes(FilePath, content);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var file = SafetensorsFile.Open(FilePath);
                opened++;
                ReadAll(file);
            }
            catch (InvalidDataException exception)
            {
                refused++;
                Assert.StartsWith(FilePath, exception.Message);
                Assert.InRange(exception.Message.Length, 1, 2000);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}, mutation {i}: {Convert.ToBase64String(content)}", exception);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, MaxAllocatedBytes);
        }

        Assert.InRange(opened, Mutations / 100, Mutations);
        Assert.InRange(refused, Mutations / 10, Mutations);
    }

    private static void ReadAll(SafetensorsFile file)
    {
        foreach (var (name, entry) in file.Entries)
        {
            try
            {
                using var tensor = file.Read(name, CPU);
                Assert.Equal(entry.Shape, tensor.shape);
                Assert.Equal(entry.Elements, file.ReadSingle(name).Length);
            }
            catch (InvalidDataException exception)
            {
                // No tensor of that type, no float32 of it, or a bool that is none.
                Assert.Contains("tensor '", exception.Message);
            }
        }
    }
}
