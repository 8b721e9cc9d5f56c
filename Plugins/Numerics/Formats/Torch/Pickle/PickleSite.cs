namespace Orchestrator.Numerics.Formats.Torch.Pickle;

/// <summary>Where in a pickle an instruction stands.</summary>
/// <param name="File">Path of the archive.</param>
/// <param name="Record">The pickle's record in it.</param>
/// <param name="Position">Bytes from the beginning of the pickle.</param>
internal readonly record struct PickleSite(string File, string Record, int Position)
{
    public InvalidDataException Invalid(string problem) =>
        ArchiveFault.In(File, $"at byte {Position} of its record '{Excerpt.Text(Record)}', {problem}");
}
