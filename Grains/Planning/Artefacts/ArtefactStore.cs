using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;

namespace Orchestrator.Planning.Artefacts;

/// <summary>
/// Immutable, content-addressed folders: an artefact is complete or not there. Several processes may use one store.
/// </summary>
public sealed class ArtefactStore(StoreLayout layout, TimeProvider time)
{
    /// <summary>How folders of the work folder begin that hold what was set aside.</summary>
    public const string TornPrefix = "torn-";

    public StoreLayout Layout => layout;

    /// <summary>Whether the artefact is there, with every file at its recorded length.</summary>
    public bool Contains(StageKey stage) => StoreLayout.IsName(stage.Value) && IsComplete(layout.Artefact(stage), stage);

    /// <summary>The artefact's manifest; null where it is not there, cannot be read, or is another stage's.</summary>
    public ArtefactManifest? ReadManifest(StageKey stage) =>
        StoreLayout.IsName(stage.Value) ? ReadManifest(layout.Artefact(stage), stage) : null;

    /// <summary>A file of an artefact.</summary>
    /// <param name="name">Relative to the artefact, with forward slashes.</param>
    /// <exception cref="FileNotFoundException">The artefact or the file is not there, or the name leads out of the artefact.</exception>
    public string FileOf(StageKey stage, string name) =>
        StoreLayout.IsName(stage.Value) && TryResolve(layout.Artefact(stage), name, out var path) && File.Exists(path)
            ? path
            : throw new FileNotFoundException($"The store has no {name} of {stage}.", name);

    /// <summary>
    /// Reads the whole artefact again and compares it with its manifest: lengths, hashes, files that nobody recorded, and
    /// the definition with the key.
    /// </summary>
    /// <returns>What is wrong, a sentence each; empty: sound.</returns>
    public IReadOnlyList<string> Verify(StageKey stage)
    {
        if (ReadManifest(stage) is not { } manifest)
        {
            return [$"{stage}: there is no artefact with a readable {ArtefactManifest.FileName}."];
        }

        var folder = layout.Artefact(stage);
        var problems = manifest.Files.Select(file => Check(folder, file)).OfType<string>().ToList();
        var recorded = manifest.Files.Select(file => file.Path).Append(ArtefactManifest.FileName).ToHashSet(StringComparer.Ordinal);
        problems.AddRange(FilesOf(folder).Where(path => !recorded.Contains(path)).Select(path => $"{path}: not in the manifest."));
        if (!StageAddress.Matches(stage, manifest.Definition))
        {
            problems.Add($"{ArtefactManifest.FileName}: the definition does not hash to {stage}.");
        }

        return [.. problems.Select(problem => $"{stage}: {problem}")];
    }

    /// <summary>
    /// Makes a finished work folder the artefact of a stage: hashes its files, writes the manifest, flushes all of it to the
    /// disk, renames the folder. Where the artefact is there already, or another process publishes it first, the work
    /// folder is deleted and nothing changes.
    /// </summary>
    /// <param name="workFolder">On the store's file system.</param>
    /// <exception cref="DirectoryNotFoundException">Neither the artefact nor the work folder is there.</exception>
    public void Publish(StageKey stage, string definitionJson, string workFolder)
    {
        var target = layout.Artefact(stage);
        if (!IsComplete(target, stage))
        {
            WriteManifest(stage, definitionJson, workFolder);
            Directory.CreateDirectory(layout.Artefacts);
            Move(stage, workFolder, target);
        }

        if (Directory.Exists(workFolder))
        {
            Directory.Delete(workFolder, recursive: true);
        }
    }

    /// <summary>Takes an artefact out of the store that is not what was published.</summary>
    /// <returns>Where it is now, for people to look at; null: another process was first.</returns>
    public string? SetAside(StageKey stage)
    {
        Directory.CreateDirectory(layout.Work);
        var aside = Path.Combine(layout.Work, $"{TornPrefix}{stage}-{Guid.NewGuid():N}");
        try
        {
            Directory.Move(layout.Artefact(stage), aside);
            return aside;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    private void WriteManifest(StageKey stage, string definitionJson, string workFolder)
    {
        var manifestPath = Path.Combine(workFolder, ArtefactManifest.FileName);
        File.Delete(manifestPath); // of a publication that was interrupted: not one of its own files
        var files = FilesOf(workFolder).Select(path => Describe(workFolder, path)).ToList();
        foreach (var file in files)
        {
            DurableFiles.Flush(Path.Combine(workFolder, file.Path));
        }

        ResultJson.Write(manifestPath, new ArtefactManifest
        {
            Key = stage.Value,
            Definition = JsonElement.Parse(definitionJson),
            CreatedAt = time.GetUtcNow(),
            Files = files,
        });
        DurableFiles.Flush(manifestPath);
        foreach (var folder in Directory.GetDirectories(workFolder, "*", SearchOption.AllDirectories).Append(workFolder))
        {
            DurableFiles.FlushFolder(folder);
        }
    }

    private void Move(StageKey stage, string workFolder, string target)
    {
        SetTornAside(stage, target);
        try
        {
            Directory.Move(workFolder, target);
            DurableFiles.FlushFolder(layout.Artefacts);
        }
        catch (IOException) when (IsComplete(target, stage))
        {
            // Another process was first; equal keys mean equal content, so that its artefact serves as well.
        }
    }

    /// <summary>
    /// Renames an incomplete artefact out of the way and deletes it there: deleting it in its place could hit what another
    /// process publishes at this moment.
    /// </summary>
    private void SetTornAside(StageKey stage, string target)
    {
        if (!Directory.Exists(target) || IsComplete(target, stage))
        {
            return;
        }

        Directory.CreateDirectory(layout.Work);
        var aside = Path.Combine(layout.Work, $"{TornPrefix}{stage}-{Guid.NewGuid():N}");
        try
        {
            Directory.Move(target, aside);
        }
        catch (DirectoryNotFoundException)
        {
            return; // another process set it aside
        }

        if (IsComplete(aside, stage))
        {
            Directory.Move(aside, target); // another process had replaced it in between
            return;
        }

        Directory.Delete(aside, recursive: true);
    }

    private static ArtefactManifest? ReadManifest(string folder, StageKey stage)
    {
        try
        {
            var manifest = ResultJson.Read<ArtefactManifest>(Path.Combine(folder, ArtefactManifest.FileName));
            return manifest.Key == stage.Value && manifest.Files?.All(file => file?.Path is not null && file.Sha256 is not null) == true ? manifest : null;
        }
        catch (Exception exception) when (exception is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // not there, or torn: computed again
        }
    }

    private static bool IsComplete(string folder, StageKey stage) => ReadManifest(folder, stage) is { } manifest
        && manifest.Files.All(file => TryResolve(folder, file.Path, out var path)
            && new FileInfo(path) is { Exists: true } found && found.Length == file.Bytes);

    /// <summary>The path of a file within a folder; false where the name would lead out of it.</summary>
    private static bool TryResolve(string folder, string name, [NotNullWhen(true)] out string? path)
    {
        var inside = name.Length > 0 && !name.Contains('\0') && !Path.IsPathRooted(name)
            && name.Split('/', '\\').All(part => part is not ("" or "." or ".."));
        path = inside ? Path.Combine(folder, name) : null;
        return inside;
    }

    /// <summary>What is wrong with a file of an artefact; null: nothing.</summary>
    internal static string? Check(string folder, ArtefactFile file)
    {
        if (!TryResolve(folder, file.Path, out var path))
        {
            return $"{file.Path}: leads out of the artefact.";
        }

        if (!File.Exists(path))
        {
            return $"{file.Path}: missing.";
        }

        var found = Describe(folder, file.Path);
        return found.Bytes != file.Bytes ? $"{file.Path}: {found.Bytes} bytes, recorded as {file.Bytes}."
            : found.Sha256 != file.Sha256 ? $"{file.Path}: its content is not the recorded one (SHA-256 {found.Sha256})."
            : null;
    }

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    private static ArtefactFile Describe(string folder, string name)
    {
        using var stream = File.OpenRead(Path.Combine(folder, name));
        return new ArtefactFile(name, stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
