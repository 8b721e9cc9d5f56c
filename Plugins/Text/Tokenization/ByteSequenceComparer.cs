using System.Runtime.InteropServices;

namespace Orchestrator.Text.Tokenization;

/// <summary>Byte sequences as keys, looked up by spans without a copy.</summary>
internal sealed class ByteSequenceComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static ByteSequenceComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] sequence) => GetHashCode(sequence.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        // Words are short: eight bytes a multiplication, and a last mixing, are faster than HashCode.AddBytes.
        var hash = (ulong)alternate.Length;
        while (alternate.Length >= sizeof(ulong))
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(alternate)) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 32;
            alternate = alternate[sizeof(ulong)..];
        }

        var tail = 0UL;
        foreach (var value in alternate) tail = (tail << 8) | value;
        hash = (hash ^ tail) * 0x9E3779B97F4A7C15;
        return (int)(hash >> 32);
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
