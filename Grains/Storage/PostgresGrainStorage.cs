using Orchestrator.Database;
using Orleans.Storage;

namespace Orchestrator.Grains.Storage;

/// <summary>
/// Orleans' ADO.NET storage over PostgreSQL, through its short absences. A call that fails because the server is away, or
/// because its connection went with a server that has been restarted, is made again for a while.
/// </summary>
/// <remarks>
/// Nobody knows whether a write whose answer did not come was done. To make it again is safe: it names the version that it
/// replaces, and if the first was done the second is refused as inconsistent. The activation then ends, and reads what is true.
/// </remarks>
internal sealed class PostgresGrainStorage(AdoNetGrainStorage inner, TimeProvider time) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>
    /// Calls at once. The driver keeps no line: where all connections are taken, it fails. So the line is here, and the
    /// connections that are over are for the list of silos.
    /// </summary>
    private const int Slots = DatabaseConnection.ConnectionsOfControlSilo - 5;

    /// <summary>
    /// Shorter than half of a lease's time: the scheduler's turn waits for its write, and devices that cannot renew must not
    /// stop for a failover that takes seconds.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _slots = new(Slots, Slots);

    public void Participate(ISiloLifecycle lifecycle) => inner.Participate(lifecycle);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        Call($"The state of {grainId} cannot be read", () => inner.ReadStateAsync(stateName, grainId, grainState, cancellationToken), cancellationToken);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task WriteStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        Call($"The state of {grainId} cannot be written", () => inner.WriteStateAsync(stateName, grainId, grainState, cancellationToken), cancellationToken);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        Call($"The state of {grainId} cannot be cleared", () => inner.ClearStateAsync(stateName, grainId, grainState, cancellationToken), cancellationToken);

    private async Task Call(string failure, Func<Task> work, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            await Persist(work, cancellationToken);
        }
        catch (Exception e) when (DatabaseFaults.IsFault(e))
        {
            throw StateStoreException.ForCallers($"{failure}: {e.Message}");
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task Persist(Func<Task> work, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var delay = FirstDelay; ; delay *= 2)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception e) when (DatabaseFaults.IsFault(e) && DatabaseFaults.IsPassing(e) && time.GetElapsedTime(started) + delay < Patience)
            {
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }
}
