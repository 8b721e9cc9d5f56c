using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Silo.Stages;

namespace Orchestrator.Silo.Hosting;

/// <summary>
/// A control silo without libtorch cannot be aborted by it. Checked when the silo is up, since one careless registration
/// would undo it silently.
/// </summary>
internal sealed class LibtorchAbsence(IServiceProviderIsService services) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) =>
        services.IsService(typeof(IJobRunner))
            ? throw new InvalidOperationException($"A control silo must not have an {nameof(IJobRunner)}.")
            : Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            if (module.ModuleName.Contains("libtorch", StringComparison.OrdinalIgnoreCase))
                throw new InvalidOperationException($"A control silo must not load libtorch; it has loaded {module.FileName}.");
        }

        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
