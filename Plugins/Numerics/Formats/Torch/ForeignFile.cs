using System.Buffers.Binary;

namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>Names the kinds of files that are given as PyTorch archives by mistake, by how they begin.</summary>
internal static class ForeignFile
{
    private const int PrefixBytes = 64;

    private static readonly (byte[] Start, string Problem)[] Kinds =
    [
        // Protocol 2, then the integer 0x1950a86a20f9469cfc6c.
        ([0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19],
            "it is in the format of PyTorch before 1.6, which only a whole unpickler can read; load it in PyTorch and save it again"),
        ("PYTORCH1"u8.ToArray(), "it is in the format of a preview of PyTorch 1.0"),
        ("version https://git-lfs"u8.ToArray(), "it is the pointer of a file that Git LFS has not fetched; run git lfs pull"),
        ([0x89, .. "HDF"u8], "it is an HDF5 file"),
        ([0x93, .. "NUMPY"u8], "it is a NumPy array"),
        ("GGUF"u8.ToArray(), "it is a GGUF file"),
        ([0x1f, 0x8b], "it is compressed with gzip"),
        ("<!"u8.ToArray(), "it is a web page"),
        ("<html"u8.ToArray(), "it is a web page"),
    ];

    private static ReadOnlySpan<byte> Zip => "PK\u0003\u0004"u8;

    /// <exception cref="InvalidDataException">The file does not begin as a zip archive; the message says what it is.</exception>
    public static void Refuse(ElementFile file)
    {
        Span<byte> prefix = stackalloc byte[(int)Math.Min(PrefixBytes, file.Length)];
        file.ReadExactly(prefix, 0);
        if (prefix.StartsWith(Zip))
            return;
        // First: the length at its beginning can look like anything else.
        if (prefix.Length > 8 && prefix[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(prefix) <= (ulong)file.Length - 8)
            throw ArchiveFault.In(file.Path, "it is a safetensors file");
        foreach (var (start, problem) in Kinds)
        {
            if (prefix.StartsWith(start))
                throw ArchiveFault.In(file.Path, problem);
        }

        if (prefix is [0x80, <= 5, ..])
            throw ArchiveFault.In(file.Path, "it is a bare pickle, not one of torch.save");
        throw ArchiveFault.In(
            file.Path,
            prefix.IsEmpty ? "it is empty" : $"it begins with the bytes {Convert.ToHexString(prefix[..Math.Min(8, prefix.Length)])}, not as a zip archive");
    }
}
