using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Experiments;

/// <summary>Finds what nothing refers to, and puts it out of the store. Blocks on the disk.</summary>
/// <remarks>
/// An artefact is renamed into the work folder before it is deleted: whoever looks sees it whole or not at all, and a crash
/// leaves a folder that says by its name that it can go.
/// </remarks>
internal sealed class StoreClearing(ArtefactStore store)
{
    private const string Prefix = "cleared-";

    /// <summary>Artefacts that nothing refers to, and folders that an earlier clearing left, or that were set aside as torn.</summary>
    /// <exception cref="InvalidDataException">It cannot be known what is referred to.</exception>
    public (IReadOnlyList<CollectedArtefact> Artefacts, IReadOnlyList<string> Leftovers) Find(IReadOnlyCollection<StageKey> wanted)
    {
        var artefacts = new ArtefactReferences(store).Unreferenced(wanted).Select(key => new CollectedArtefact(key, BytesOf(key))).ToList();
        string[] prefixes = Directory.Exists(store.Layout.Work) ? [Prefix, ArtefactStore.TornPrefix] : [];
        var leftovers = prefixes.SelectMany(prefix => Directory.GetDirectories(store.Layout.Work, prefix + "*"));
        return (artefacts, [.. leftovers.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Takes artefacts out of the store.</summary>
    /// <returns>The folders in which they are now, to be deleted.</returns>
    public IReadOnlyList<string> SetAside(IEnumerable<StageKey> artefacts)
    {
        Directory.CreateDirectory(store.Layout.Work);
        var folders = new List<string>();
        foreach (var key in artefacts)
        {
            var aside = Path.Combine(store.Layout.Work, $"{Prefix}{key}-{Guid.NewGuid():N}");
            Directory.Move(store.Layout.Artefact(key), aside);
            folders.Add(aside);
        }

        return folders;
    }

    private long BytesOf(StageKey key) =>
        new DirectoryInfo(store.Layout.Artefact(key)).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
