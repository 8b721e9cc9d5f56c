namespace Orchestrator.Text.Corpus;

/// <summary>A file that a corpus definition names.</summary>
/// <param name="Name">Relative to the folder that all files of the corpus share, with forward slashes.</param>
/// <param name="Path">Absolute.</param>
/// <param name="Length">Bytes on disk.</param>
/// <param name="Modified">Last write.</param>
public sealed record CorpusFile(string Name, string Path, long Length, DateTimeOffset Modified);
