using Xunit;

namespace Orchestrator.Processes;

/// <summary>The smoke experiment, run once for all tests that look at a finished store.</summary>
public sealed class SmokeExperiment : IAsyncLifetime
{
    private readonly TemporaryStore _store = new();

    public TemporaryStore Store => _store;

    internal ClientProcess First { get; private set; } = null!;

    /// <summary>summary.json as the first run left it: a later run of the same spec writes its own.</summary>
    internal string FirstSummary { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        First = await ClientProcess.Run("run", Repository.Spec("smoke.yaml"), "--store", _store.Root, "--json");
        Assert.True(await First.WaitForExit() == 0, First.Transcript);
        FirstSummary = await File.ReadAllTextAsync(Path.Combine(_store.Root, "experiments", First.Json.GetProperty("id").GetString()!, "summary.json"));
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        _store.Dispose();
    }
}
