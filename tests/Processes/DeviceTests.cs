using Xunit;

namespace Orchestrator.Processes;

/// <summary>What the GPU silo finds wrong with its device or its libtorch, the user reads in one message.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly TemporaryStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Run_OnADeviceThatIsNotThere_SaysWhatThereIs()
    {
        await using var run = await ClientProcess.Run("run", Repository.Spec("smoke.yaml"), "--store", _store.Root, "--device", "cuda:99");
        Assert.Equal(2, await run.WaitForExit());
        Assert.Contains("There is no device cuda:99", run.Errors, StringComparison.Ordinal);
        Assert.Contains("cpu", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.Trim().Split('\n'));
    }

    [Fact]
    public async Task Run_HandsTheFolderOfLibTorchToItsSilos()
    {
        var folder = Path.Combine(_store.Root, "no-such-torch");
        await using var run = ClientProcess.Start(
            Repository.Client, new Dictionary<string, string> { ["ORCHESTRATOR_LIBTORCH"] = folder }, "run", Repository.Spec("smoke.yaml"), "--store", _store.Root);
        Assert.Equal(2, await run.WaitForExit());
        Assert.Contains($"The folder of libtorch, {folder}, does not exist.", run.Errors, StringComparison.Ordinal);
    }
}
