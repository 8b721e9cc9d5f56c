using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling;
using Orchestrator.Silo.Devices;
using Orchestrator.Silo.Hosting;
using Orchestrator.Silo.Stages;

namespace Orchestrator.Cluster;

/// <summary>A GPU silo in which a script takes the place of the numerics.</summary>
public sealed class FakeDevice(Action<FakeJob> script) : IJobRunner
{
    private readonly PausableTime _heartbeats = new();
    private IHost? _host;

    /// <summary>Every job that was started here.</summary>
    public ConcurrentQueue<JobRequest> Jobs { get; } = [];

    public async Task Start(SiloSettings settings, Action<SchedulingOptions> hasten)
    {
        _host = SiloHost.Build(settings, services =>
        {
            services.RemoveAll<IJobRunner>();
            services.AddSingleton<IJobRunner>(this);
            services.Configure(hasten);
            services.Remove(services.Single(service => service.ImplementationType == typeof(DeviceHeartbeat)));
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<DeviceHeartbeat>(provider, (TimeProvider)_heartbeats));
        });
        await _host.StartAsync();
    }

    /// <summary>From now on the device looks hung to the scheduler, while its thread works on.</summary>
    public void StopRenewing() => _heartbeats.Pause();

    public async Task Stop()
    {
        if (_host is null)
            return;

        await _host.StopAsync();
        _host.Dispose();
        _host = null;
    }

    void IJobRunner.Run(JobRequest job, IJobReporter reporter, CancellationToken stop)
    {
        Jobs.Enqueue(job);
        script(new FakeJob(job, reporter, stop));
    }
}

/// <summary>What a script works with.</summary>
public sealed record FakeJob(JobRequest Request, IJobReporter Reporter, CancellationToken Stop)
{
    /// <summary>Gives every stage a result.</summary>
    public void Complete()
    {
        foreach (var stage in Request.Stages)
            Complete(stage);
    }

    public void Complete(JobStage stage)
    {
        var folder = Reporter.NewWorkFolder(stage.Key);
        File.WriteAllText(Path.Combine(folder, "result.txt"), stage.Key.Value);
        Reporter.CommitResult(stage.Key, folder);
    }

    /// <summary>Commits a checkpoint of the first stage.</summary>
    public void Checkpoint(long step) => Checkpoint(Request.Stages[0], step);

    /// <summary>The same job for some of its stages.</summary>
    public FakeJob Only(Func<StageKey, bool> stages) => this with { Request = Request with { Stages = [.. Request.Stages.Where(stage => stages(stage.Key))] } };

    /// <summary>Takes every stage to its end, or to the rung where it waits.</summary>
    /// <param name="worth">Of a stage, at each of its rungs.</param>
    public void Train(Func<StageKey, double> worth)
    {
        foreach (var stage in Request.Stages.Where(stage => !WaitsAtARung(stage, worth)))
            Complete(stage);
    }

    private bool WaitsAtARung(JobStage stage, Func<StageKey, double> worth)
    {
        foreach (var rung in Reporter.RungsOf(stage.Key))
        {
            var step = EarlyStop.StepOf(rung, Plan.CompetingSteps);
            Checkpoint(stage, step);
            if (Reporter.ReportRung(stage.Key, new RungResult(rung, step, new Dictionary<string, double> { ["loss_recovered"] = worth(stage.Key) })))
                return true;
        }

        return false;
    }

    private void Checkpoint(JobStage stage, long step)
    {
        var folder = Reporter.NewCheckpointFolder(stage.Key, step);
        File.WriteAllText(Path.Combine(folder, "weights"), "1");
        Reporter.CommitCheckpoint(stage.Key, new CheckpointRef(step, folder));
    }
}
