using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Planning.Artefacts;

/// <summary>What the files of a folder hold, as one hash. Folders within it are not looked into.</summary>
public static class FolderFingerprint
{
    /// <summary>SHA-256 over each file's name, size and contents, in the order of names; wherever the folder lies.</summary>
    /// <returns>64 lower-case hex digits.</returns>
    /// <exception cref="IOException">The folder or a file cannot be read.</exception>
    public static string Compute(string folder, CancellationToken cancellationToken = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(long)];
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var stream = File.OpenRead(path);
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(path)));
            hash.AppendData([0]);
            BinaryPrimitives.WriteInt64LittleEndian(length, stream.Length);
            hash.AppendData(length);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
