using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Text.Corpus;

/// <summary>What the files of a corpus hold, as one hash, computed when an experiment is planned.</summary>
public static class CorpusFingerprint
{
    /// <summary>Files above this many bytes in all are taken by size and last write instead of by their contents: 1 GiB.</summary>
    public const long ContentLimit = 1L << 30;

    /// <summary>
    /// Corpora up to this many bytes on disk are read through, so that a torn archive or a bad line is found before
    /// anything runs; of larger ones only the first document of each file is: 64 MiB.
    /// </summary>
    public const long ReadThroughLimit = 64L << 20;

    /// <summary>
    /// SHA-256 over each file's name (relative to the folder that all share), size and contents, in order. It does not
    /// depend on where the corpus lies, nor on the definition's other properties.
    /// </summary>
    /// <returns>64 lower-case hex digits.</returns>
    /// <exception cref="CorpusException">The corpus is missing, empty, unreadable, of another kind, or has an empty split.</exception>
    public static string Compute(CorpusDefinition definition, CancellationToken cancellation = default)
    {
        var files = CorpusReader.Resolve(definition);
        var length = files.Sum(file => file.Length);
        Check(definition, files, length, cancellation);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(Encoding.UTF8.GetBytes(file.Name));
            hash.AppendData([0]);
            Append(hash, file.Length);
            if (length > ContentLimit) Append(hash, file.Modified.UtcTicks);
            else hash.AppendData(Contents(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Check(CorpusDefinition definition, IReadOnlyList<CorpusFile> files, long length, CancellationToken cancellation)
    {
        var corpus = new FileCorpus(definition, files);
        if (length > ReadThroughLimit)
        {
            if (!corpus.AnyDocument(cancellation)) throw CorpusProblems.NoDocuments(definition, files);
            return;
        }

        int train = 0, validation = 0;
        foreach (var document in corpus.Read(cancellation))
        {
            if (document.IsValidation) validation++;
            else train++;
        }

        if (train + validation == 0) throw CorpusProblems.NoDocuments(definition, files);
        CorpusProblems.RequireBothSplits(definition, train, validation);
    }

    private static byte[] Contents(CorpusFile file)
    {
        try
        {
            using var stream = File.OpenRead(file.Path);
            return SHA256.HashData(stream);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CorpusProblems.Unreadable(file, exception);
        }
    }

    private static void Append(IncrementalHash hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
