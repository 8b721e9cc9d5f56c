using Xunit;

namespace Orchestrator.Unit.Text;

/// <summary>Reference data that lies beside the repository on some machines; tests that need it are skipped elsewhere.</summary>
internal static class SharedData
{
    public static string Require(string relative)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Orchestrator.sln"))) root = root.Parent;
        for (var folder = root?.Parent; folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", relative);
            if (File.Exists(path) || Directory.Exists(path)) return path;
        }

        Assert.Skip($"shared/{relative} is not on this machine.");
        return "";
    }
}
