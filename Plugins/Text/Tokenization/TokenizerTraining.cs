namespace Orchestrator.Text.Tokenization;

/// <summary>A trained tokenizer and what it was trained on.</summary>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="RequestedVocabulary">Tokens that were asked for.</param>
/// <param name="Documents">Documents read.</param>
/// <param name="Bytes">Bytes read.</param>
/// <param name="DistinctWords">Different pre-tokens among them.</param>
public sealed record TokenizerTraining(BytePairTokenizer Tokenizer, int RequestedVocabulary, long Documents, long Bytes, int DistinctWords)
{
    /// <summary>The text held fewer pairs than were asked for: every pre-token is one token, and the vocabulary is smaller.</summary>
    public bool RanOutOfPairs => Tokenizer.Size < RequestedVocabulary;
}

/// <summary>How far a training is.</summary>
/// <param name="BytesRead">Bytes of text read.</param>
/// <param name="VocabularySize">Tokens so far; the bytes alone while text is read.</param>
/// <param name="RequestedVocabulary">Tokens to come to.</param>
public sealed record TokenizerProgress(long BytesRead, int VocabularySize, int RequestedVocabulary);
