using Orchestrator.Abstractions;
using Orchestrator.Client.Commands;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Features;

/// <summary>Finds dictionaries and features of a store by what the user typed.</summary>
internal static class DictionaryLookup
{
    private const string Prefix = "dictionary-";

    /// <summary>The dictionary with this id, or the only one whose id (or what follows <c>dictionary-</c>) begins so.</summary>
    /// <exception cref="CommandFailure">None, or more than one.</exception>
    public static DictionaryId Dictionary(ArtefactStore store, string text)
    {
        var folder = store.Layout.Artefacts;
        IReadOnlyList<string> ids = Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder, Prefix + "*").Select(path => Path.GetFileName(path)).Where(id => store.ReadManifest(new StageKey(id)) is not null)]
            : [];
        var isShort = text.Length > 0 && !text.StartsWith('d') || (text.Length > 0 && text.All(char.IsAsciiHexDigit));
        return new DictionaryId(UniquePrefix.Resolve("dictionary", isShort ? Prefix + text : text, ids));
    }

    /// <summary>Reads <c>DICTIONARY/INDEX</c>.</summary>
    /// <exception cref="CommandFailure">It is not of that form, or there is no such dictionary.</exception>
    public static FeatureId Feature(ArtefactStore store, string text) => FeatureId.TryParse(text, out var id)
        ? id with { Dictionary = Dictionary(store, id.Dictionary.Value) }
        : throw CommandFailure.Usage($"'{text}' is no feature; allowed: DICTIONARY/INDEX, for example dictionary-3fa9c2e1aa07/17.");
}
