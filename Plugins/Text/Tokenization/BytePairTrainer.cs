using Orchestrator.Text.Corpus;

namespace Orchestrator.Text.Tokenization;

/// <summary>
/// Trains a byte-level byte-pair encoding (Sennrich et al. 2016, with the bytes and the pre-tokens of Radford et al.
/// 2019): starting from bytes, the pair of neighbouring tokens that occurs most often becomes a token, until the
/// vocabulary is full. Pairs are never counted across pre-tokens. Among equally frequent pairs the one of the
/// lexicographically greater bytes wins, first by its left token, then by its right.
/// </summary>
public static class BytePairTrainer
{
    /// <summary>The bytes and <c>&lt;|endoftext|&gt;</c>.</summary>
    public const int SmallestVocabulary = 257;

    private const int MergesBetweenReports = 128;

    /// <summary>Trains on the training documents of a corpus; those held out for validation are not looked at.</summary>
    /// <inheritdoc cref="Train(IEnumerable{ReadOnlyMemory{byte}}, int, IProgress{TokenizerProgress}?, CancellationToken)"/>
    /// <exception cref="CorpusException">The corpus cannot be read.</exception>
    public static TokenizerTraining Train(
        ICorpus corpus, int vocabularySize, IProgress<TokenizerProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        var documents = corpus.Read(cancellation).Where(document => !document.IsValidation).Select(document => document.Utf8);
        return Train(documents, vocabularySize, progress, cancellation);
    }

    /// <summary>Trains on texts; the same texts, in any order, give the same tokenizer on any number of cores.</summary>
    /// <param name="documents">UTF-8, not necessarily valid; read once.</param>
    /// <param name="vocabularySize">Tokens in all: <c>&lt;|endoftext|&gt;</c> (id 0), the bytes (1 to 256), and a token for each merge.</param>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary is smaller than <see cref="SmallestVocabulary"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static TokenizerTraining Train(
        IEnumerable<ReadOnlyMemory<byte>> documents,
        int vocabularySize,
        IProgress<TokenizerProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, SmallestVocabulary);
        var words = WordCounts.Of(
            documents, bytes => progress?.Report(new TokenizerProgress(bytes, SmallestVocabulary, vocabularySize)), cancellation);

        var vocabulary = BytePairVocabulary.OfBytes();
        var pairs = new PairTable(words.Counts, vocabulary);
        while (vocabulary.Count < vocabularySize && pairs.TryTakeMostFrequent(out var pair))
        {
            cancellation.ThrowIfCancellationRequested();
            pairs.Apply(vocabulary.AddMerge(pair));
            if (vocabulary.Count % MergesBetweenReports == 0)
                progress?.Report(new TokenizerProgress(words.Bytes, vocabulary.Count, vocabularySize));
        }

        progress?.Report(new TokenizerProgress(words.Bytes, vocabulary.Count, vocabularySize));
        return new TokenizerTraining(new BytePairTokenizer(vocabulary), vocabularySize, words.Documents, words.Bytes, words.Counts.Count);
    }
}
