namespace Orchestrator.Abstractions.Stages;

/// <summary>Where text comes from, and how its documents are split between training and validation.</summary>
public sealed record CorpusDefinition
{
    /// <summary><c>dotnet-docs</c>, <c>text</c> or <c>jsonl</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Absolute paths or globs (<c>text</c>, <c>jsonl</c>); <c>.gz</c> files are unpacked as they are read.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>A line that holds exactly this ends a document (<c>text</c>); null: a file is a document.</summary>
    public string? Separator { get; init; }

    /// <summary>The property that holds the text (<c>jsonl</c>).</summary>
    public string Field { get; init; } = "text";

    /// <summary>Share of documents held out for validation, chosen by a hash of each document's index, 0 &lt; x &lt; 1.</summary>
    public double ValidationFraction { get; init; } = 0.05;

    /// <summary>Read at most this many bytes of text; null: all.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Longer documents are cut into pieces of at most this many bytes, each a document; null: none is.</summary>
    public long? MaxDocumentBytes { get; init; }

    /// <summary>What the files held when the plan was made (SHA-256 over names, sizes and contents): part of the address.</summary>
    public string Fingerprint { get; init; } = "";
}
