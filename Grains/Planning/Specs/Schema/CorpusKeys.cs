using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Keys of <c>corpus</c> and <c>tokenizer</c>.</summary>
internal static class CorpusKeys
{
    public const string Text = "text";
    public const string JsonLines = "jsonl";

    private static readonly CorpusDefinition Defaults = new() { Kind = "dotnet-docs" };

    public static TextKey Kind { get; } = new("kind", "`dotnet-docs`: the XML reference documentation that the .NET SDK brings; `text`: files; `jsonl`: a JSON object a line.")
    {
        Required = true,
        Values = ["dotnet-docs", Text, JsonLines],
    };

    public static ListKey<string> Paths { get; } = new(
        new TextKey("paths", "Files or globs (`*`: any part of a name, `**`: any folders), relative to the spec's folder; `.gz` is unpacked."), 1_000)
    { Required = true, OnlyFor = [Text, JsonLines] };

    public static TextKey Separator { get; } = new("separator", "A line of exactly this ends a document; not given: a file is a document.")
    {
        OnlyFor = [Text],
        Controls = "\t\v\f\u001c\u001d\u001e\u001f", // a form feed, or ASCII's own separators
    };

    public static TextKey Field { get; } = new("field", "The property that holds a document's text.") { OnlyFor = [JsonLines], Default = Defaults.Field };

    public static NumberKey ValidationFraction { get; } = new("validation_fraction", "Share of documents held out for validation.", 0, 1)
    { AboveMinimum = true, BelowMaximum = true, Default = Defaults.ValidationFraction };

    public static IntegerKey MaxDocumentBytes { get; } = new(
        "max_document_bytes", "Longer documents are cut at the end of a line into pieces of at most this many bytes, each a document; not given: none is.", 1_024, 1L << 28);

    public static IntegerKey MaxBytes { get; } = new("max_bytes", "Read at most this many bytes of text; not given: all.", 1, 1L << 50);
}

/// <inheritdoc cref="CorpusKeys"/>
internal static class TokenizerKeys
{
    public static TextKey Kind { get; } = new("kind", "Byte-level byte-pair encoding.") { Values = ["byte-bpe"], Default = "byte-bpe" };

    public static IntegerKey VocabularySize { get; } = new("vocabulary_size", "Tokens in all: 256 bytes, the merges and the end of text.", 257, 65_536) { Required = true };
}
