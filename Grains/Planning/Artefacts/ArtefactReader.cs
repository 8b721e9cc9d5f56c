using System.Collections.Concurrent;
using Orchestrator.Abstractions;

namespace Orchestrator.Planning.Artefacts;

/// <summary>
/// Sees that artefacts are what was published before they are read. A file is hashed once by a process, and again only when
/// its length or its time of change is another. Safe for use from many threads.
/// </summary>
public sealed class ArtefactReader(ArtefactStore store)
{
    private readonly ConcurrentDictionary<string, (long Bytes, DateTime ChangedAt)> _sound = [];

    /// <summary>Sets a torn artefact aside, so that it is computed again.</summary>
    /// <exception cref="FileNotFoundException">The store has no such artefact.</exception>
    /// <exception cref="ArtefactCorruptException">It is torn: says which file, and where it is now.</exception>
    public void RequireSound(StageKey stage)
    {
        var folder = store.Layout.Artefact(stage);
        if (!Directory.Exists(folder))
            throw new FileNotFoundException($"The store has no artefact {stage}.");

        if (FindTear(stage, folder) is not { } tear)
            return;

        var aside = store.SetAside(stage);
        throw new ArtefactCorruptException(stage, $"{tear}{(aside is null ? "" : $" It was set aside to {aside}.")}");
    }

    private string? FindTear(StageKey stage, string folder)
    {
        if (store.ReadManifest(stage) is not { } manifest)
            return $"{ArtefactManifest.FileName}: missing, or not that of {stage}.";

        foreach (var file in manifest.Files)
        {
            var path = Path.Combine(folder, file.Path);
            if (IsKnown(path, file))
                continue;

            if (ArtefactStore.Check(folder, file) is { } problem)
                return problem;

            var info = new FileInfo(path);
            _sound[path] = (info.Length, info.LastWriteTimeUtc);
        }

        return null;
    }

    private bool IsKnown(string path, ArtefactFile file) =>
        _sound.TryGetValue(path, out var known) && new FileInfo(path) is { Exists: true } info
        && (info.Length, info.LastWriteTimeUtc) == known && info.Length == file.Bytes;
}
