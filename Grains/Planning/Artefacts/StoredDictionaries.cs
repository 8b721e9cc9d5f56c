using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Artefacts;

/// <summary>A dictionary that a store holds.</summary>
/// <param name="Key">Its artefact.</param>
/// <param name="Stage">What made it; also an <see cref="IDictionaryStage"/>.</param>
/// <param name="FeatureCount">F.</param>
public sealed record StoredDictionary(StageKey Key, StageDefinition Stage, int FeatureCount)
{
    /// <summary>Whose activations it is of.</summary>
    public StageKey Model => ((IDictionaryStage)Stage).Model;
}

/// <summary>The dictionaries of a store, by the names that users gave them or by their ids.</summary>
public sealed class StoredDictionaries(ArtefactStore store)
{
    private readonly DictionaryNames _names = new(store.Layout);

    /// <summary>Every name.</summary>
    public IReadOnlyList<string> Names => _names.All();

    /// <summary>Null where the store holds nothing of that name or id.</summary>
    public StoredDictionary? Find(string text)
    {
        var key = _names.Find(text)?.Stage ?? new StageKey(text);
        if (!StoreLayout.IsName(key.Value) || store.ReadManifest(key) is not { } manifest)
            return null;

        try
        {
            return StageDefinition.FromJson(manifest.Definition.GetRawText()) is IDictionaryStage stage
                ? new StoredDictionary(key, (StageDefinition)stage, ResultJson.Read<DictionaryResult>(store.FileOf(key, "result.json")).FeatureCount)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            return null;
        }
    }
}
