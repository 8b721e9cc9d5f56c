using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Grains.Storage;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Experiments;

/// <summary>The experiments of a store.</summary>
[GrainType("experiment-index")]
public sealed partial class ExperimentIndexGrain(
    [PersistentState("experiment-index")] IPersistentState<ExperimentIndexState> state, ArtefactStore store, ILogger<ExperimentIndexGrain> logger)
    : DurableGrain<ExperimentIndexState>(state), IExperimentIndexGrain, IExperimentRoster
{
    private readonly ILogger _logger = logger;

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

    /// <remarks>
    /// In one turn: whoever submits is entered here before it looks into the store. So it is among those that are asked, or
    /// it looks afterwards.
    /// </remarks>
    public async Task<Collection> Collect(bool delete, CancellationToken cancellationToken)
    {
        var (all, running) = (State.All.ToList(), State.Running.ToHashSet());
        var known = await Task.Run(() => all.FindAll(id => running.Contains(id) || ArtefactReferences.HasSummary(store.Layout, id)), cancellationToken);
        var wanted = await Task.WhenAll(known.Union(running).Select(id => GrainFactory.GetGrain<IExperimentDemand>(id.Value).Wanted()));
        var clearing = new StoreClearing(store);
        try
        {
            var (artefacts, leftovers) = await Task.Run(() => clearing.Find([.. wanted.SelectMany(keys => keys)]), cancellationToken);
            var found = new Collection(artefacts, leftovers, [.. all.Except(known)], delete);
            if (delete)
                await Delete(clearing, found);

            return found;
        }
        catch (InvalidDataException e)
        {
            return new Collection([], [], [], false) { Problem = e.Message };
        }
    }

    private async Task Delete(StoreClearing clearing, Collection found)
    {
        var aside = await Task.Run(() => clearing.SetAside(found.Artefacts.Select(artefact => artefact.Key)), CancellationToken.None);
        LogCollected(found.Artefacts.Count, found.Artefacts.Sum(artefact => artefact.Bytes));
        foreach (var id in found.Forgotten)
            State.All.Remove(id);

        if (found.Forgotten.Count > 0)
            await Save();

        // Nobody waits for this: it is out of the store already.
        _ = Task.Run(() => DeleteFolders(aside.Concat(found.Leftovers)), CancellationToken.None);
    }

    private void DeleteFolders(IEnumerable<string> folders)
    {
        foreach (var folder in folders)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogNotDeleted(e, folder); // found again the next time
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} artefacts that nothing referred to were deleted, {Bytes} bytes")]
    private partial void LogCollected(int count, long bytes);

    [LoggerMessage(LogLevel.Warning, "{Folder} could not be deleted")]
    private partial void LogNotDeleted(Exception exception, string folder);
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
