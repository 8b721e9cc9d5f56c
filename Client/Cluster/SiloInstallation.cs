using System.Runtime.InteropServices;

namespace Orchestrator.Client.Cluster;

/// <summary>Where the silo's program and the plugins are.</summary>
/// <param name="Assembly">Absolute path of the silo's assembly.</param>
/// <param name="Plugins">Absolute path of the folder that holds one folder a plugin.</param>
public sealed record SiloInstallation(string Assembly, string Plugins)
{
    private const string AssemblyName = "Orchestrator.Silo.dll";

    /// <summary>The .NET host that runs this process, which also runs the silos.</summary>
    public static string DotnetHost
    {
        get
        {
            // The runtime lies in ROOT/shared/Microsoft.NETCore.App/VERSION/.
            var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
            var host = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
            return File.Exists(host) ? host : "dotnet";
        }
    }

    /// <summary>
    /// Finds both from the folder of a built program: <c>artifacts/bin/PROJECT/CONFIGURATION</c> as the build makes it,
    /// or a published folder with <c>silo/</c> and <c>plugins/</c> in it.
    /// </summary>
    /// <exception cref="CommandFailure">The silo is in neither place.</exception>
    public static SiloInstallation Find(string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var configuration = Path.GetFileName(folder);
        var bin = Path.Combine(folder, "..", "..");
        SiloInstallation[] places =
        [
            new(Path.Combine(folder, "silo", AssemblyName), Path.Combine(folder, "plugins")),
            new(Path.GetFullPath(Path.Combine(bin, "Silo", configuration, AssemblyName)), Path.GetFullPath(Path.Combine(bin, "..", "plugins", configuration))),
        ];
        return places.FirstOrDefault(place => File.Exists(place.Assembly))
            ?? throw new CommandFailure(
                ExitCodes.Failed,
                $"The silo's program is missing; looked for {string.Join(" and ", places.Select(p => p.Assembly))}. Build the Client project: the silo is built with it.");
    }
}
