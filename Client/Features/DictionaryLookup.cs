using Orchestrator.Abstractions;
using Orchestrator.Client.Commands;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Features;

/// <summary>Finds dictionaries and features of a store by what the user typed.</summary>
internal static class DictionaryLookup
{
    private const string Prefix = "dictionary-";

    /// <summary>
    /// The dictionary with this name or id, or the only one whose name or id (or what follows <c>dictionary-</c>) begins so.
    /// </summary>
    /// <exception cref="CommandFailure">None, or more than one.</exception>
    public static DictionaryId Dictionary(ArtefactStore store, string text)
    {
        var names = new DictionaryNames(store.Layout);
        var ids = ArtefactIds.Of(store, Prefix);
        var isShort = text.Length > 0 && ids.Any(id => id.StartsWith(Prefix + text, StringComparison.Ordinal));
        var found = UniquePrefix.Resolve("dictionary", isShort ? Prefix + text : text, [.. ids, .. names.All()]);
        if (names.Find(found) is not { } named)
        {
            return new DictionaryId(found);
        }

        return store.ReadManifest(named.Stage) is not null ? named : throw CommandFailure.Usage($"'{found}' is {named}, which the store holds no more.");
    }

    /// <summary>Reads <c>DICTIONARY/INDEX</c>.</summary>
    /// <exception cref="CommandFailure">It is not of that form, or there is no such dictionary.</exception>
    public static FeatureId Feature(ArtefactStore store, string text) => FeatureId.TryParse(text, out var id)
        ? id with { Dictionary = Dictionary(store, id.Dictionary.Value) }
        : throw CommandFailure.Usage($"'{text}' is no feature; allowed: DICTIONARY/INDEX, for example dictionary-3fa9c2e1aa07/17.");
}
