using Xunit;

namespace Orchestrator.Unit;

/// <summary>Finds the repository, and what may lie beside it, from wherever the tests run.</summary>
public static class Repository
{
    /// <summary>The folder of Orchestrator.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path in the folder <c>shared</c> beside the repository; the test is skipped where it is absent.</summary>
    public static string Shared(params string[] parts)
    {
        var path = Path.GetFullPath(Path.Combine([Root, "..", "shared", .. parts]));
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"needs ../shared/{string.Join('/', parts)}, which is not here");
        return path;
    }

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
