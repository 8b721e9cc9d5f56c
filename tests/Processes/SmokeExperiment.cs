using Xunit;

namespace Orchestrator.Processes;

/// <summary>The smoke experiment, run once for all tests that look at a finished store.</summary>
public sealed class SmokeExperiment : IAsyncLifetime
{
    private readonly TemporaryStore _store = new();

    public TemporaryStore Store => _store;

    internal ClientProcess First { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        First = await ClientProcess.Run("run", Repository.Spec("smoke.yaml"), "--store", _store.Root, "--json");

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        _store.Dispose();
    }
}
