using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Grains.Experiments;

/// <summary>
/// Wakes running experiments. A grain's timers end with its activation, and an activation ends with its silo, or with any
/// silo that held its entry of the grain directory: somebody must call it again.
/// </summary>
public sealed partial class ExperimentSupervisor(
    IGrainFactory grains, IOptions<ExperimentOptions> options, TimeProvider time, ILogger<ExperimentSupervisor> logger)
    : BackgroundService
{
    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Supervise, time);
        do
        {
            try
            {
                await Wake(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogNotWoken(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task Wake(CancellationToken cancellationToken)
    {
        var roster = grains.GetGrain<IExperimentRoster>(IExperimentIndexGrain.Key);
        foreach (var id in await roster.Running())
        {
            var status = await grains.GetGrain<IExperimentGrain>(id.Value).GetStatus(cancellationToken);
            if (status is { Phase: not ExperimentPhase.Running })
                await roster.Ended(id);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Running experiments could not be woken; trying again")]
    private partial void LogNotWoken(Exception exception);
}
