using System.Runtime.InteropServices;

namespace Orchestrator.Text.Corpus;

/// <summary>
/// The reference pack <c>Microsoft.NETCore.App.Ref</c>: what the compiler reads instead of the runtime, with the XML
/// documentation of every public type. It comes with the SDK; where the SDK is packaged without it, the build
/// fetches it into the NuGet folder.
/// </summary>
/// <param name="Version">The pack's version.</param>
/// <param name="Folder">The folder that holds the XML files.</param>
internal sealed record ReferencePack(string Version, string Folder)
{
    private const string Name = "Microsoft.NETCore.App.Ref";

    /// <summary>The newest pack of the SDK that runs, and of the NuGet folder.</summary>
    /// <exception cref="CorpusException">There is none; the message names every place that was searched.</exception>
    public static ReferencePack Find() => Find(Places());

    /// <param name="places">Folders that hold one folder for each version of the pack; earlier ones win between equal versions.</param>
    /// <exception cref="CorpusException">None holds a pack with documentation.</exception>
    public static ReferencePack Find(IReadOnlyList<string> places)
    {
        var packs = places.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Select(Open).OfType<ReferencePack>();
        return packs.MaxBy(pack => Order(pack.Version)) ?? throw new CorpusException(
            $"The corpus 'dotnet-docs' is the XML documentation of the pack {Name}, which was found in none of these places: "
            + $"{string.Join(", ", places)}. Install the .NET SDK, set DOTNET_ROOT to its folder, or use a corpus of kind 'text' or 'jsonl'.");
    }

    public IReadOnlyCollection<string> DocumentationFiles() =>
        new SortedSet<string>(Directory.EnumerateFiles(Folder, "*.xml"), StringComparer.Ordinal);

    private static ReferencePack? Open(string folder)
    {
        var references = Path.Combine(folder, "ref");
        if (!Directory.Exists(references)) return null;
        var framework = Directory.EnumerateDirectories(references, "net*")
            .Where(candidate => Directory.EnumerateFiles(candidate, "*.xml").Any())
            .MaxBy(candidate => Order(Path.GetFileName(candidate)[3..]));
        return framework is null ? null : new ReferencePack(Path.GetFileName(folder), framework);
    }

    /// <summary>A release comes after its previews, and a name that is no version before everything.</summary>
    private static (Version Number, bool Release, string Suffix) Order(string version)
    {
        var parts = version.Split('-', 2);
        var number = System.Version.TryParse(parts[0], out var parsed) ? parsed : new Version(0, 0);
        return (number, parts.Length == 1, parts[^1]);
    }

    private static List<string> Places()
    {
        // .../dotnet/shared/Microsoft.NETCore.App/10.0.0/ → .../dotnet
        var runtime = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var nuget = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        IEnumerable<string?> roots = [Environment.GetEnvironmentVariable("DOTNET_ROOT"), runtime, Host()];
        return roots.OfType<string>()
            .Where(root => root.Length > 0)
            .Select(root => Path.Combine(Path.GetFullPath(root), "packs", Name))
            .Append(Path.Combine(nuget, Name.ToLowerInvariant()))
            .Distinct(StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>The folder of <c>dotnet</c>, where that is what runs; a link is followed.</summary>
    private static string? Host()
    {
        if (Environment.ProcessPath is not { } path || Path.GetFileNameWithoutExtension(path) != "dotnet") return null;
        return Path.GetDirectoryName(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
    }
}
