using Microsoft.Extensions.Hosting;

namespace Orchestrator.Silo.Hosting;

/// <summary>Tells the parent, on stdout, that the silo serves: the only line that is ever written there.</summary>
internal sealed class Readiness(SiloSettings settings) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var role = settings.Role == SiloRole.Control ? "control" : "gpu";
        await Console.Out.WriteLineAsync($"orchestrator-silo ready role={role} pid={Environment.ProcessId}");
        await Console.Out.FlushAsync(cancellationToken);
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
