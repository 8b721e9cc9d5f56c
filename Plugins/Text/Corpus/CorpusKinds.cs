namespace Orchestrator.Text.Corpus;

/// <summary>What a corpus definition may name as its kind.</summary>
public static class CorpusKinds
{
    /// <summary>The reference documentation of the running .NET SDK.</summary>
    public const string DotnetDocs = "dotnet-docs";

    /// <summary>Text files, cut into documents at separator lines.</summary>
    public const string Text = "text";

    /// <summary>A JSON object on each line, one property of which is a document.</summary>
    public const string JsonLines = "jsonl";

    public static IReadOnlyList<string> All { get; } = [DotnetDocs, Text, JsonLines];
}
