namespace Orchestrator.Abstractions.Stages;

/// <summary>A byte-level BPE trained on the corpus's training documents.</summary>
public sealed record TokenizerDefinition
{
    public string Kind { get; init; } = "byte-bpe";

    /// <summary>Tokens in all: 256 bytes, the merges, and <c>&lt;|endoftext|&gt;</c>.</summary>
    public required int VocabularySize { get; init; }
}
