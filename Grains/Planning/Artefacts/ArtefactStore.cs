using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;

namespace Orchestrator.Planning.Artefacts;

/// <summary>Immutable, content-addressed folders: an artefact is complete or not there.</summary>
public sealed class ArtefactStore(StoreLayout layout, TimeProvider time)
{
    public StoreLayout Layout => layout;

    /// <summary>Whether the artefact is there, with every file at its recorded length.</summary>
    public bool Contains(StageKey stage) => ReadManifest(stage) is { } manifest
        && manifest.Files.All(file => HasLength(Path.Combine(layout.Artefact(stage), file.Path), file.Bytes));

    /// <summary>The artefact's manifest; null where it is not there or cannot be read.</summary>
    public ArtefactManifest? ReadManifest(StageKey stage)
    {
        var path = Path.Combine(layout.Artefact(stage), ArtefactManifest.FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return ResultJson.Read<ArtefactManifest>(path);
        }
        catch (JsonException)
        {
            return null; // torn: computed again
        }
    }

    /// <summary>A file of an artefact.</summary>
    /// <exception cref="FileNotFoundException">The artefact or the file is not there.</exception>
    public string FileOf(StageKey stage, string name)
    {
        var path = Path.Combine(layout.Artefact(stage), name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"The store has no {name} of {stage}.", path);
    }

    /// <summary>
    /// Makes a finished work folder the artefact of a stage: hashes its files, writes the manifest, renames the folder.
    /// Publishing what is already there deletes the work folder and changes nothing.
    /// </summary>
    public void Publish(StageKey stage, string definitionJson, string workFolder)
    {
        if (Contains(stage))
        {
            Directory.Delete(workFolder, recursive: true);
            return;
        }

        var files = Directory.EnumerateFiles(workFolder, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => Describe(workFolder, path))
            .ToList();
        ResultJson.Write(Path.Combine(workFolder, ArtefactManifest.FileName), new ArtefactManifest
        {
            Key = stage.Value,
            Definition = JsonDocument.Parse(definitionJson).RootElement,
            CreatedAt = time.GetUtcNow(),
            Files = files,
        });

        var target = layout.Artefact(stage);
        Directory.CreateDirectory(layout.Artefacts);
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true); // torn: Contains said no
        }

        Directory.Move(workFolder, target);
    }

    private static ArtefactFile Describe(string folder, string path)
    {
        using var stream = File.OpenRead(path);
        var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        return new ArtefactFile(Path.GetRelativePath(folder, path).Replace('\\', '/'), stream.Length, hash);
    }

    private static bool HasLength(string path, long bytes) => new FileInfo(path) is { Exists: true } file && file.Length == bytes;
}
