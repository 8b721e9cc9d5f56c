using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Experiments;

/// <summary>The experiments of a store.</summary>
[GrainType("experiment-index")]
public sealed class ExperimentIndexGrain([PersistentState("experiment-index")] IPersistentState<ExperimentIndexState> state)
    : DurableGrain<ExperimentIndexState>(state), IExperimentIndexGrain, IExperimentRoster
{
    public async Task Add(ExperimentId id, CancellationToken cancellationToken)
    {
        if (State.All.Contains(id))
            return;

        State.All.Add(id);
        await Save();
    }

    public Task<IReadOnlyList<ExperimentId>> List(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ExperimentId>>([.. Enumerable.Reverse(State.All)]);

    public async Task Started(ExperimentId id)
    {
        if (State.All.Contains(id) && State.Running.Contains(id))
            return;

        // Submitted last is newest, also when it was there before.
        State.All.Remove(id);
        State.All.Add(id);
        State.Running.Add(id);
        await Save();
    }

    public async Task Ended(ExperimentId id)
    {
        if (State.Running.Remove(id))
            await Save();
    }

    public Task<IReadOnlyList<ExperimentId>> Running() => Task.FromResult<IReadOnlyList<ExperimentId>>([.. State.Running]);
}

/// <summary>What the index must not forget.</summary>
[GenerateSerializer, Alias("experiment-index-state")]
public sealed class ExperimentIndexState
{
    /// <summary>Oldest submission first.</summary>
    [Id(0)]
    public List<ExperimentId> All { get; set; } = [];

    [Id(1)]
    public HashSet<ExperimentId> Running { get; set; } = [];
}
