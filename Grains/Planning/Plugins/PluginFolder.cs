using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Planning.Plugins;

/// <summary>Reads one plugin folder.</summary>
internal static class PluginFolder
{
    public const string ManifestName = "plugin.json";

    private const int MaxManifestBytes = 1 << 20;

    private static readonly JsonSerializerOptions Json = new(PluginManifest.Json) { RespectNullableAnnotations = true };

    private static readonly EnumerationOptions EveryFile = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8,
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
    };

    public static PluginEntry Read(string folder)
    {
        try
        {
            var path = Path.Combine(folder, ManifestName);
            if (!File.Exists(path))
            {
                return Malfunctioned(folder, null, "", $"there is no {ManifestName}");
            }

            var files = Directory.GetFiles(folder, "*", EveryFile);
            return Read(folder, ReadManifest(path), Hash(folder, files), files);
        }
        catch (JsonException exception)
        {
            return Malfunctioned(folder, null, "", Describe(exception));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Malfunctioned(folder, null, "", exception.Message.ReplaceLineEndings(" "));
        }
    }

    private static PluginEntry Read(string folder, PluginManifest manifest, string sha256, string[] files)
    {
        if (manifest.ContractLevel != PluginManifest.CurrentContractLevel)
        {
            return new PluginEntry(folder, PluginState.NotSupported, manifest, sha256,
                $"it is made for contract level {manifest.ContractLevel}; this host speaks level {PluginManifest.CurrentContractLevel}");
        }

        // A second libtorch in the process aborts it, uncatchably, at the first tensor the two share.
        var torch = files.Select(Path.GetFileName).FirstOrDefault(name =>
            name!.Equals("TorchSharp.dll", StringComparison.OrdinalIgnoreCase) || name.StartsWith("libtorch", StringComparison.OrdinalIgnoreCase));
        var reason = torch is not null
            ? $"it brings its own {torch}; reference Numerics and set uses_tensors, then the host's is shared"
            : ManifestRules.Check(manifest) ?? CheckAssembly(folder, manifest.EntryAssembly);
        return reason is null
            ? new PluginEntry(folder, PluginState.Active, manifest, sha256, null)
            : Malfunctioned(folder, manifest, sha256, reason);
    }

    private static PluginManifest ReadManifest(string path)
    {
        if (new FileInfo(path).Length > MaxManifestBytes)
        {
            throw new JsonException("it is longer than 1 MiB");
        }

        var manifest = JsonSerializer.Deserialize<PluginManifest>(File.ReadAllText(path), Json)
            ?? throw new JsonException("it holds null");
        return ManifestRules.HasHoles(manifest) ? throw new JsonException("a list in it holds null") : manifest;
    }

    private static string? CheckAssembly(string folder, string name) =>
        name != Path.GetFileName(name) || name is "." or ".." ? $"entry_assembly '{name}' is not a plain file name"
        : File.Exists(Path.Combine(folder, name)) ? null
        : $"its entry assembly {name} is not there";

    /// <summary>Over names, lengths and contents, in the order of names.</summary>
    private static string Hash(string folder, string[] files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, path) in files
            .Select(path => (Name: Path.GetRelativePath(folder, path).Replace('\\', '/'), Path: path))
            .OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(path);
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{stream.Length.ToString(CultureInfo.InvariantCulture)}\n"));
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Describe(JsonException exception)
    {
        var place = exception.LineNumber is { } line ? $":{line + 1}:{exception.BytePositionInLine + 1}" : "";
        return $"{ManifestName}{place}: {exception.Message.ReplaceLineEndings(" ")}";
    }

    private static PluginEntry Malfunctioned(string folder, PluginManifest? manifest, string sha256, string reason) =>
        new(folder, PluginState.Malfunctioned, manifest, sha256, reason);
}
