using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Text.Corpus;

/// <summary>Opens corpora and finds their files.</summary>
public static class CorpusReader
{
    /// <summary>Finds the files of a corpus; documents are read when they are asked for.</summary>
    /// <exception cref="CorpusException">A file is missing, a glob matches nothing, or the definition contradicts itself.</exception>
    public static ICorpus Open(CorpusDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new FileCorpus(definition, Resolve(definition));
    }

    /// <summary>The files of a corpus in the order in which they are read: by path, ordinal. Opens none of them.</summary>
    /// <exception cref="CorpusException">A file is missing, a glob matches nothing, or the definition contradicts itself.</exception>
    public static IReadOnlyList<CorpusFile> Resolve(CorpusDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        RequireSense(definition);
        return definition.Kind == CorpusKinds.DotnetDocs
            ? CorpusFiles.Describe(ReferencePack.Find().DocumentationFiles())
            : CorpusFiles.Describe(CorpusFiles.Match(definition.Paths));
    }

    // The longest character.
    private const int MinDocumentBytes = 4;

    private static void RequireSense(CorpusDefinition definition)
    {
        List<string> problems = [];
        if (!CorpusKinds.All.Contains(definition.Kind))
            problems.Add($"Corpus kind '{definition.Kind}' is not known; allowed are {string.Join(", ", CorpusKinds.All)}.");
        if (definition.Kind != CorpusKinds.DotnetDocs && definition.Paths.Count == 0)
            problems.Add($"A corpus of kind '{definition.Kind}' names no paths; it needs at least one file or glob.");
        if (definition.Kind == CorpusKinds.JsonLines && definition.Field.Length == 0)
            problems.Add("A corpus of kind 'jsonl' names an empty field; it needs the property that holds the text.");
        if (definition.Separator is { } separator && (separator.Length == 0 || separator.Contains('\n')))
            problems.Add("The separator of a corpus is one line: at least one character, and no line break.");
        if (definition.ValidationFraction is not (> 0 and < 1))
            problems.Add($"The validation fraction is {definition.ValidationFraction}; it must be above 0 and below 1.");
        if (definition.MaxBytes is <= 0)
            problems.Add($"The most bytes to read are {definition.MaxBytes}; it must be at least 1.");
        if (definition.MaxDocumentBytes is < MinDocumentBytes or > int.MaxValue)
            problems.Add($"The most bytes of a document are {definition.MaxDocumentBytes}; it must be {MinDocumentBytes} to {int.MaxValue}.");
        if (problems.Count > 0) throw new CorpusException(problems);
    }
}
