using System.Buffers.Binary;

namespace Orchestrator.Unit.Numerics.Formats;

/// <summary>Spoils bytes in the ways that find mistakes of readers: extreme numbers, cut, repeated and moved pieces.</summary>
/// <param name="random">Seeded, so that a failure can be repeated.</param>
/// <param name="snippets">Pieces that mean something in the format, to be put in.</param>
internal sealed class Mutator(Random random, params byte[][] snippets)
{
    private static readonly ulong[] Extremes =
        [0, 1, 2, 63, 64, 127, 128, 255, 256, 0x7fff, ushort.MaxValue, int.MaxValue, uint.MaxValue, 1UL << 32, long.MaxValue, 1UL << 63, ulong.MaxValue];

    /// <summary>A copy with one change, or up to four.</summary>
    public byte[] Mutate(byte[] original)
    {
        var bytes = original.ToList();
        for (var changes = 1 + (random.Next(2) * random.Next(4)); changes > 0 && bytes.Count > 0; changes--)
            Change(bytes);
        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        var at = random.Next(bytes.Count);
        var length = Math.Min(bytes.Count - at, 1 + random.Next(random.Next(2) == 0 ? 4 : 64));
        switch (random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                PutNumber(bytes, at);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 5:
                var piece = bytes.GetRange(at, length);
                bytes.RemoveRange(at, length);
                bytes.InsertRange(random.Next(bytes.Count + 1), piece);
                break;
            case 6 when snippets.Length > 0:
                bytes.InsertRange(at, snippets[random.Next(snippets.Length)]);
                break;
            case 7 when snippets.Length > 0:
                var snippet = snippets[random.Next(snippets.Length)];
                bytes.RemoveRange(at, Math.Min(snippet.Length, bytes.Count - at));
                bytes.InsertRange(at, snippet);
                break;
        }
    }

    private void PutNumber(List<byte> bytes, int at)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, Extremes[random.Next(Extremes.Length)]);
        var width = 1 << random.Next(4);
        for (var i = 0; i < width && at + i < bytes.Count; i++)
            bytes[at + i] = number[i];
    }
}
