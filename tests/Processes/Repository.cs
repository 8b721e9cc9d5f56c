using Xunit;

namespace Orchestrator.Processes;

/// <summary>Where this repository and the programs that it built are.</summary>
internal static class Repository
{
    /// <summary>The folder of Orchestrator.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The client as it was built, in this test's configuration.</summary>
    public static string Client { get; } = Program("Client");

    /// <summary>The silo, beside it.</summary>
    public static string Silo { get; } = Program("Silo");

    /// <summary>The folder of the built-in plugins.</summary>
    public static string Plugins { get; } = Path.Combine(Root, "artifacts", "plugins", Configuration);

    private static string Configuration => Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    public static string Spec(string name) => Path.Combine(Root, "experiments", name);

    /// <summary>Replaces each text by another; one that is not there is an error, not a test of something else.</summary>
    public static string Edit(string text, params (string Found, string By)[] replacements)
    {
        foreach (var (found, by) in replacements)
        {
            Assert.Contains(found, text, StringComparison.Ordinal);
            text = text.Replace(found, by, StringComparison.Ordinal);
        }

        return text;
    }

    private static string Program(string project) => Path.Combine(Root, "artifacts", "bin", project, Configuration, $"Orchestrator.{project}.dll");

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Orchestrator.sln")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Orchestrator.sln.");
    }
}
