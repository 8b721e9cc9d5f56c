namespace Orchestrator.Text.Corpus;

/// <summary>One document of a corpus.</summary>
/// <param name="Index">Its place in the corpus, from 0, empty documents not counted.</param>
/// <param name="Source">Where it stands, for people: a file's name and a place in it.</param>
/// <param name="Utf8">Its bytes as they are in the source; they need not be valid UTF-8.</param>
/// <param name="IsValidation">Whether it is held out for validation.</param>
public sealed record Document(int Index, string Source, ReadOnlyMemory<byte> Utf8, bool IsValidation);
