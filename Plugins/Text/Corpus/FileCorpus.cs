using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Text.Corpus;

/// <summary>
/// The documents of files, numbered, split and cut off at <see cref="CorpusDefinition.MaxBytes"/>: reading stops before
/// the first document that goes past the limit, so a limited corpus is the head of the whole one.
/// </summary>
internal sealed class FileCorpus(CorpusDefinition definition, IReadOnlyList<CorpusFile> files) : ICorpus
{
    public IEnumerable<Document> Read(CancellationToken cancellation)
    {
        var index = 0;
        var bytes = 0L;
        foreach (var (source, text) in Texts(files).SelectMany(whole => DocumentPieces.Of(whole.Source, whole.Text, definition.MaxDocumentBytes)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (text.IsEmpty) continue;
            bytes += text.Length;
            if (bytes > definition.MaxBytes)
            {
                if (index == 0)
                    throw new CorpusException($"The corpus is cut off at {definition.MaxBytes} bytes, but its first document, {source}, has {text.Length}.");
                yield break;
            }

            yield return new Document(index, source, text, DocumentSplit.IsValidation(index, definition.ValidationFraction));
            index++;
        }
    }

    /// <summary>The first document of each file, to see whether the file is of the right kind.</summary>
    /// <exception cref="CorpusException">It is not.</exception>
    public bool AnyDocument(CancellationToken cancellation)
    {
        var any = false;
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            any |= Texts([file]).Any(document => !document.Text.IsEmpty);
        }

        return any;
    }

    private IEnumerable<(string Source, ReadOnlyMemory<byte> Text)> Texts(IReadOnlyList<CorpusFile> from) => definition.Kind switch
    {
        CorpusKinds.DotnetDocs => ReferenceDocumentation.Read(from),
        CorpusKinds.JsonLines => JsonLinesDocuments.Read(from, definition.Field),
        _ => TextDocuments.Read(from, definition.Separator),
    };
}
