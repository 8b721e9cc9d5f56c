namespace Orchestrator.Processes;

/// <summary>A built program in another folder, as links to the one that is there.</summary>
internal static class ProgramCopy
{
    private static readonly string[] ProgramFiles = [".dll", ".deps.json", ".runtimeconfig.json"];

    /// <summary>The folder of the built silo.</summary>
    public static string Silo => Path.GetFullPath(Path.Combine(ClientFolder, "..", "..", "Silo", Configuration));

    /// <summary>The built plugins, a folder each.</summary>
    public static string Plugins => Path.GetFullPath(Path.Combine(ClientFolder, "..", "..", "..", "plugins", Configuration));

    /// <summary>The plugin of evil deeds.</summary>
    public static string Hostile => Path.GetFullPath(Path.Combine(ClientFolder, "..", "..", "..", "hostile", Configuration, "Hostile"));

    public static string ClientFolder => Path.GetDirectoryName(Repository.Client)!;

    private static string Configuration => Path.GetFileName(ClientFolder);

    /// <summary>In the layout of a published program, with one plugin more.</summary>
    /// <returns>The client's assembly.</returns>
    public static string WithPlugin(string folder, string plugin)
    {
        Mirror(ClientFolder, folder, "Orchestrator.Client");
        Directory.CreateSymbolicLink(Path.Combine(folder, "silo"), Silo);
        var plugins = Directory.CreateDirectory(Path.Combine(folder, "plugins")).FullName;
        foreach (var one in Directory.EnumerateDirectories(Plugins).Append(plugin))
            Directory.CreateSymbolicLink(Path.Combine(plugins, Path.GetFileName(one)), one);

        return Path.Combine(folder, "Orchestrator.Client.dll");
    }

    /// <summary>Links to everything but native libraries; the program itself is copied, since its folder is where it really lies.</summary>
    public static void Mirror(string from, string to, string program)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            var name = Path.GetFileName(file);
            if (ProgramFiles.Any(extension => name == program + extension))
                File.Copy(file, Path.Combine(to, name));
            else
                File.CreateSymbolicLink(Path.Combine(to, name), file);
        }

        foreach (var folder in Directory.EnumerateDirectories(from).Where(folder => Path.GetFileName(folder) != "runtimes"))
            Directory.CreateSymbolicLink(Path.Combine(to, Path.GetFileName(folder)), folder);
    }
}
