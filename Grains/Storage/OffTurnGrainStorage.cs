using Microsoft.Data.Sqlite;
using Orchestrator.Planning.Artefacts;
using Orleans.Storage;

namespace Orchestrator.Grains.Storage;

/// <summary>
/// Orleans' ADO.NET storage over SQLite, off the grain's turn. Orleans takes SQLite for asynchronous, but its calls block
/// on the disk: on the turn they would hold up the scheduler of the whole silo.
/// </summary>
internal sealed class OffTurnGrainStorage(AdoNetGrainStorage inner, StoreLayout layout)
    : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>SQLite has one writer: others wait here without holding a thread, not in its busy handler.</summary>
    private readonly SemaphoreSlim _writer = new(1, 1);

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(
            nameof(OffTurnGrainStorage),
            ServiceLifecycleStage.RuntimeInitialize,
            _ => Task.Run(() => SqliteSchema.Create(layout)));
        inner.Participate(lifecycle);
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        OffTurn($"The state of {grainId} cannot be read", () => inner.ReadStateAsync(stateName, grainId, grainState, cancellationToken));

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task WriteStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        Write(
            $"The state of {grainId} cannot be written",
            () => inner.WriteStateAsync(stateName, grainId, grainState, cancellationToken),
            cancellationToken);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        Write(
            $"The state of {grainId} cannot be cleared",
            () => inner.ClearStateAsync(stateName, grainId, grainState, cancellationToken),
            cancellationToken);

    private async Task Write(string failure, Func<Task> work, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            await OffTurn(failure, work);
        }
        finally
        {
            _writer.Release();
        }
    }

    private async Task OffTurn(string failure, Func<Task> work)
    {
        try
        {
            await Task.Run(work, CancellationToken.None);
        }
        catch (SqliteException e)
        {
            throw StateStoreException.ForCallers(StateStoreException.From(layout, failure, e).Message);
        }
    }
}
