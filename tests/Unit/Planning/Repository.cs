namespace Orchestrator.Unit.Planning;

/// <summary>Finds the repository from wherever the tests run.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Experiments => Path.Combine(Root, "experiments");

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Orchestrator.sln"))
        ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No folder above the tests holds Orchestrator.sln."));
}
