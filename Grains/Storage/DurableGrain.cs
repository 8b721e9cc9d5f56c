namespace Orchestrator.Grains.Storage;

/// <summary>A grain with one durable state.</summary>
public abstract class DurableGrain<TState>(IPersistentState<TState> state) : Grain
    where TState : new()
{
    protected TState State => state.State;

    /// <summary>
    /// Writes the state. Where that fails, memory is ahead of the disk and nobody retries: the activation ends, and the
    /// next call reads again what is true.
    /// </summary>
    protected async Task Save()
    {
        try
        {
            await state.WriteStateAsync(CancellationToken.None);
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }
}
