using Orchestrator.Abstractions;
using Orchestrator.Contracts.Features;
using Orchestrator.Grains.Storage;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Features;

/// <summary>The features of one dictionary: its own state is only which analyses know more about them.</summary>
[GrainType("feature-catalog")]
public sealed class FeatureCatalogGrain(
    [PersistentState("feature-catalog")] IPersistentState<FeatureCatalogState> state,
    ArtefactStore store) : DurableGrain<FeatureCatalogState>(state), IFeatureCatalogGrain
{
    private DictionaryId Dictionary => new(this.GetPrimaryKeyString());

    public Task<FeaturePage?> Query(FeatureQuery query, CancellationToken cancellationToken)
    {
        var dictionary = Dictionary;
        return Task.Run(
            () => TableOf(dictionary.Stage, FeatureTables.Features) is { } table ? FeatureTables.Page(dictionary, table, query) : null,
            cancellationToken);
    }

    public Task<FeatureDetail?> Find(int index, CancellationToken cancellationToken)
    {
        var dictionary = Dictionary;
        var analyses = State.Analyses.ToArray();
        return Task.Run(() => Find(dictionary, analyses, index), cancellationToken);
    }

    public async Task Attach(StageKey analysis, CancellationToken cancellationToken)
    {
        if (State.Analyses.Contains(analysis))
            return;

        State.Analyses.Add(analysis);
        await Save();
    }

    private FeatureDetail? Find(DictionaryId dictionary, IReadOnlyList<StageKey> analyses, int index)
    {
        if (TableOf(dictionary.Stage, FeatureTables.Features) is not { } features
            || FeatureTables.Find(features, index) is not { } statistics)
        {
            return null;
        }

        var contexts = Latest(analyses, FeatureTables.Contexts) is { } table ? FeatureTables.ContextsOf(table, index) : [];
        var closest = Latest(analyses, FeatureTables.ClosestNeurons) is { } neurons
            ? FeatureTables.ClosestNeuron(neurons, index)
            : null;
        return new FeatureDetail(statistics, contexts, closest?.Neuron, closest?.Correlation);
    }

    /// <summary>A table of the analysis that was attached last among those that have it.</summary>
    private string? Latest(IReadOnlyList<StageKey> analyses, string name) =>
        analyses.Reverse().Select(analysis => TableOf(analysis, name)).FirstOrDefault(table => table is not null);

    private string? TableOf(StageKey stage, string name)
    {
        // The manifest first: of a key that is no name there is no folder to ask about.
        return store.ReadManifest(stage) is not null && Path.Combine(store.Layout.Artefact(stage), name) is var path && File.Exists(path)
            ? path
            : null;
    }
}

/// <summary>What a catalogue must not forget.</summary>
[GenerateSerializer, Alias("feature-catalog-state")]
public sealed class FeatureCatalogState
{
    /// <summary>In the order of attachment.</summary>
    [Id(0)]
    public List<StageKey> Analyses { get; set; } = [];
}
