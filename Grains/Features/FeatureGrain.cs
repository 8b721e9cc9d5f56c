using Orchestrator.Abstractions;
using Orchestrator.Contracts.Features;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Features;

/// <summary>One feature: the catalogue's row, and what was added to it.</summary>
[GrainType("feature")]
public sealed class FeatureGrain([PersistentState("feature")] IPersistentState<FeatureState> state, TimeProvider time)
    : DurableGrain<FeatureState>(state), IFeatureGrain
{
    public async Task<FeatureView?> Get(CancellationToken cancellationToken)
    {
        if (!FeatureId.TryParse(this.GetPrimaryKeyString(), out var id))
            return null;

        var catalog = GrainFactory.GetGrain<IFeatureCatalogGrain>(id.Dictionary.Value);
        return await catalog.Find(id.Index, cancellationToken) is { } detail
            ? new FeatureView(id, detail, [.. State.Notes])
            : null;
    }

    public async Task<FeatureNote> AddNote(string author, string text, CancellationToken cancellationToken)
    {
        if (await Get(cancellationToken) is null)
            throw new KeyNotFoundException($"There is no feature {this.GetPrimaryKeyString()}.");

        var note = new FeatureNote(time.GetUtcNow(), author, text);
        State.Notes.Add(note);
        await Save();
        return note;
    }
}

/// <summary>What a feature must not forget.</summary>
[GenerateSerializer, Alias("feature-state")]
public sealed class FeatureState
{
    /// <summary>Oldest first; never changed.</summary>
    [Id(0)]
    public List<FeatureNote> Notes { get; set; } = [];
}
