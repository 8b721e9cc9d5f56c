namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>The one error for archives that cannot, or must not, be read.</summary>
internal static class ArchiveFault
{
    public static InvalidDataException In(string path, string problem) =>
        new($"{path} is not a PyTorch archive that is read here: {problem}.");
}
