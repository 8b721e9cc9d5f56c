using Orchestrator.Abstractions.Stages;
using Orchestrator.Text.Corpus;
using Orchestrator.Text.Tokenization;

namespace Orchestrator.Text.Tokens;

/// <summary>Encodes a corpus into one token file for each split.</summary>
public static class TokensBuilder
{
    public const string TrainFile = "train.tokens";

    public const string ValidationFile = "validation.tokens";

    /// <summary>
    /// Encodes on all cores; the files are the same on any number of them.
    /// </summary>
    /// <param name="folder">Exists; gets <see cref="TrainFile"/> and <see cref="ValidationFile"/>.</param>
    /// <exception cref="CorpusException">The corpus cannot be read, or one of its splits has no document.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the files are left behind unfinished.</exception>
    public static TokensSummary Build(
        CorpusDefinition corpus,
        BytePairTokenizer tokenizer,
        string folder,
        IProgress<TokensProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        using var train = new TokenFileWriter(Path.Combine(folder, TrainFile), tokenizer.Size, tokenizer.EndOfText);
        using var validation = new TokenFileWriter(Path.Combine(folder, ValidationFile), tokenizer.Size, tokenizer.EndOfText);
        var options = new ParallelOptions { CancellationToken = cancellation };
        var bytes = 0L;
        foreach (var window in DocumentChunks.Windows(CorpusReader.Open(corpus).Read(cancellation), document => document.Utf8.Length))
        {
            var encoded = new int[window.Count][][];
            Parallel.For(0, window.Count, options, i => encoded[i] = window[i].Select(document => tokenizer.Encode(document.Utf8.Span)).ToArray());
            foreach (var (document, tokens) in window.Zip(encoded).SelectMany(chunk => chunk.First.Zip(chunk.Second)))
            {
                (document.IsValidation ? validation : train).Write(tokens);
                bytes += document.Utf8.Length;
            }

            progress?.Report(new TokensProgress(bytes, train.Count + validation.Count));
        }

        CorpusProblems.RequireBothSplits(corpus, train.DocumentCount, validation.DocumentCount);
        train.Complete();
        validation.Complete();
        return new TokensSummary(train.DocumentCount, train.Count, validation.DocumentCount, validation.Count, bytes);
    }
}

/// <summary>What was encoded. Tokens count the ends of text.</summary>
/// <param name="Bytes">Bytes of text in both splits.</param>
public sealed record TokensSummary(int TrainDocuments, long TrainTokens, int ValidationDocuments, long ValidationTokens, long Bytes);

/// <summary>How far an encoding is.</summary>
/// <param name="Bytes">Bytes of text encoded.</param>
/// <param name="Tokens">Tokens written.</param>
public sealed record TokensProgress(long Bytes, long Tokens);
