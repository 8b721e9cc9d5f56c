using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Features;

/// <summary>The ids of a store's artefacts of one kind.</summary>
internal static class ArtefactIds
{
    /// <param name="prefix">How they begin: <c>model-</c>.</param>
    public static IReadOnlyList<string> Of(ArtefactStore store, string prefix) => Directory.Exists(store.Layout.Artefacts)
        ? [.. Directory.EnumerateDirectories(store.Layout.Artefacts, prefix + "*").Select(path => Path.GetFileName(path)).Where(id => store.ReadManifest(new StageKey(id)) is not null)]
        : [];
}
