using System.Diagnostics;
using System.Text;
using Orchestrator.Numerics.Formats.Torch;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Formats.Torch;

/// <summary>
/// Thousands of spoiled archives: each is read or refused, never anything else, within bounded memory and time. Some have
/// their zip container spoiled; others only the pickle, so that it reaches the interpreter, byte by byte or instruction by
/// instruction.
/// </summary>
public sealed class TorchFuzzTests : IDisposable
{
    private const int Mutations = 3000;

    // The files have a few kilobytes.
    private const long MaxAllocatedBytes = 8 << 20;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(20);

    // Instructions, globals and numbers for which something is at stake.
    private static readonly byte[][] Snippets =
    [
        .. new[]
        {
            "(", ")", ".", "0", "]", "}", "a", "b", "e", "s", "u", "t", "Q", "R", "N", "\u0081", "\u0085", "\u0086", "\u0087", "\u0088",
            "\u0089", "\u0092", "\u0093", "\u0094", "h\0", "h\u0005", "q\0", "j\0\0\0\0", "r\u00ff\u00ff\u00ff\u00ff", "K\0", "K\u0001",
            "J\u00ff\u00ff\u00ff\u00ff", "M\u00ff\u00ff", "\u008a\0", "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f",
            "\u008a\u0005\0\0\0\0\u0001", "G\u007f\u00f0\0\0\0\0\0\0", "X\0\0\0\0", "X\u00ff\u00ff\u00ff\u00ff", "cos\nsystem\n",
            "ccollections\nOrderedDict\n)R", "ctorch\nDoubleStorage\n", "ctorch\nBoolStorage\n", "ctorch\nSize\n", "ctorch\nfloat32\n",
            "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch._utils\n_rebuild_parameter\n", "]q\0h\0a", "q\u0007h\u0007\u0086",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    // What those of them begin with that push one value and take none.
    private const string Pushes = "JKMNGX)]}\u0088\u0089\u008a";

    private readonly ArchiveFile _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(1)]
    public void Open_ReadsOrRefusesSpoiledContainers(int seed)
    {
        var random = new Random(seed);
        var mutator = new Mutator(random);
        var archives = Archives().Select(archive => archive.Writer.ToBytes()).ToArray();

        Fuzz(seed, () => mutator.Mutate(archives[random.Next(archives.Length)]));
    }

    [Theory]
    [InlineData(3)]
    public void Open_ReadsOrRefusesSpoiledPickles(int seed)
    {
        var random = new Random(seed);
        var mutator = new Mutator(random, Snippets);
        FuzzPickles(seed, random, instructions => mutator.Mutate(PickleWriter.Join(instructions)));
    }

    [Theory]
    [InlineData(4)]
    public void Open_ReadsOrRefusesOtherInstructions(int seed)
    {
        var random = new Random(seed);
        FuzzPickles(seed, random, instructions =>
        {
            var changed = instructions.ToList();
            for (var changes = 1 + (random.Next(2) * random.Next(3)); changes > 0; changes--)
                Change(changed, random);
            return PickleWriter.Join(changed);
        });
    }

    /// <summary>
    /// Removes, replaces, repeats or adds one instruction behind PROTO and before STOP; half of the time it replaces one
    /// that pushes a value by another such, which leaves the rest in order.
    /// </summary>
    private static void Change(List<byte[]> instructions, Random random)
    {
        var at = random.Next(1, instructions.Count - 1);
        var snippet = Snippets[random.Next(Snippets.Length)];
        switch (random.Next(10))
        {
            case 0 when instructions.Count > 3:
                instructions.RemoveAt(at);
                break;
            case 1:
                instructions.Insert(at, instructions[random.Next(1, instructions.Count - 1)]);
                break;
            case 2:
                instructions.Insert(at, snippet);
                break;
            case 3:
                instructions[at] = snippet;
                break;
            case 4:
                instructions[at] = instructions[random.Next(1, instructions.Count - 1)];
                break;
            default:
                var pushes = Enumerable.Range(0, instructions.Count).Where(i => Pushes.Contains((char)instructions[i][0])).ToArray();
                var values = Snippets.Where(other => Pushes.Contains((char)other[0])).ToArray();
                if (pushes.Length > 0)
                    instructions[pushes[random.Next(pushes.Length)]] = values[random.Next(values.Length)];
                break;
        }
    }

    private static (TorchArchiveWriter Writer, object Root)[] Archives()
    {
        var stateDict = new TorchArchiveWriter();
        var root = new Dict
        {
            IsOrderedDict = true,
            Attributes = new Dict { ["_metadata"] = new Dict { IsOrderedDict = true, [""] = new Dict { ["version"] = 1 } } },
            ["encoder.weight"] = stateDict.Singles([3, 2], 1, 2, 3, 4, 5, 6),
            ["encoder.bias"] = stateDict.Tensor("BFloat16Storage", [3], (ushort)1, (ushort)2, (ushort)3) with { IsParameter = true },
            ["k"] = stateDict.Tensor("IntStorage", [], 32),
        };
        return [(stateDict.Save(root), root), Checkpoint(2), Checkpoint(5)];
    }

    private static (TorchArchiveWriter Writer, object Root) Checkpoint(int protocol)
    {
        var writer = new TorchArchiveWriter { Protocol = protocol };
        var storage = writer.Storage("DoubleStorage", 1d, 2, 3, 4, 5, 6);
        var root = new Dict
        {
            ["model"] = new Dict
            {
                ["w"] = new SavedTensor(storage, 0, [3, 2], [2, 1]),
                ["t"] = new SavedTensor(storage, 1, [2, 2], [1, 2]),
                ["repeated"] = new SavedTensor(storage, 5, [4, 4], [0, 0]),
                ["mask"] = writer.Tensor("BoolStorage", [2], (byte)1, (byte)0),
                ["empty"] = writer.Tensor<long>("LongStorage", [0, 3]),
            },
            ["groups"] = new List<object?> { new Dict { ["lr"] = 0.1, ["betas"] = new object?[] { 0.9, 0.999 } } },
            ["bytes"] = new byte[] { 1, 200 },
            ["size"] = new Call("torch", "Size", (object)new object?[] { 2, 3 }),
            ["device"] = new Call("torch", "device", "cuda", 0),
            [7] = 1L << 40,
        };
        return (writer.Save(root), root);
    }

    private void FuzzPickles(int seed, Random random, Func<List<byte[]>, byte[]> mutate)
    {
        var archives = Archives();
        var pickles = archives.Select(archive => PickleWriter.Instructions(archive.Root, archive.Writer.Protocol)).ToArray();
        Fuzz(seed, () =>
        {
            var which = random.Next(archives.Length);
            archives[which].Writer.Records["data.pkl"] = mutate(pickles[which]);
            return archives[which].Writer.ToBytes();
        });
    }

    private void Fuzz(int seed, Func<byte[]> next)
    {
        int opened = 0, refused = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var content = next();
            var watch = Stopwatch.StartNew();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var archive = _file.Open(content);
                opened++;
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, MaxAllocatedBytes);
                ReadAll(archive);
            }
            catch (InvalidDataException exception)
            {
                refused++;
                Assert.StartsWith(_file.Path, exception.Message);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, MaxAllocatedBytes);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}, mutation {i}: {Convert.ToBase64String(content)}", exception);
            }

            Assert.InRange(watch.Elapsed, TimeSpan.Zero, MaxTime);
        }

        // Neither so mild that all is read, nor so harsh that nothing gets in.
        Assert.InRange(opened, Mutations / 100, Mutations);
        Assert.InRange(refused, Mutations / 10, Mutations);
    }

    /// <summary>Every tensor, each of which may be refused for its own content.</summary>
    private static void ReadAll(TorchArchive archive)
    {
        foreach (var (name, entry) in archive.Entries)
        {
            try
            {
                using var tensor = archive.Read(name, CPU);
                Assert.Equal(entry.Shape, tensor.shape);
                Assert.Equal(entry.Type, tensor.dtype);
                Assert.True(tensor.is_contiguous());
                if (entry.Type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16)
                    Assert.Equal(entry.Elements, archive.ReadSingle(name).Length);
                else
                    Assert.Equal(entry.Elements, archive.ReadInt64(name).Length);
            }
            catch (InvalidDataException)
            {
                // A damaged storage, or a float64 beyond float32.
            }
        }
    }
}
