namespace Orchestrator.Numerics.Interchange;

/// <summary>How the folder of a tool is recognised and opened.</summary>
/// <param name="Tool">Its name.</param>
/// <param name="Files">All of them are there.</param>
/// <param name="Open">From the folder.</param>
internal sealed record ForeignFormat(string Tool, IReadOnlyList<string> Files, Func<string, ForeignDictionary> Open)
{
    public string Describe() => $"{string.Join(" with ", Files)} ({Tool})";
}
