using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Text.Corpus;

/// <summary>Mistakes that are found in more than one place, in the same words.</summary>
internal static class CorpusProblems
{
    public static CorpusException Unreadable(CorpusFile file, Exception cause) => new(cause is InvalidDataException
        ? $"Corpus file {file.Path} is torn or no gzip archive: {cause.Message}"
        : $"Corpus file {file.Path} cannot be read: {cause.Message}", cause);

    public static CorpusException NoDocuments(CorpusDefinition definition, IReadOnlyList<CorpusFile> files) =>
        new($"The corpus of kind '{definition.Kind}' is empty: no document in {files.Count} file(s), the first of which is {files[0].Path}.");

    /// <exception cref="CorpusException">One of the splits has no document.</exception>
    public static void RequireBothSplits(CorpusDefinition definition, int train, int validation)
    {
        if (train > 0 && validation > 0) return;
        throw new CorpusException(
            $"The {(train == 0 ? "training" : "validation")} split of the corpus is empty: of {train + validation} document(s), {validation} "
            + $"fall to validation at a validation fraction of {definition.ValidationFraction}. More documents are needed "
            + "(a separator cuts a text file into several), or another fraction.");
    }
}
