using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling;

/// <content>What people set and ask.</content>
public sealed partial class SchedulerGrain
{
    public Task SetWeight(ExperimentId experiment, double weight, CancellationToken cancellationToken) =>
        Set(() => _pool.SetWeight(experiment, weight));

    public Task SetPriority(ExperimentId experiment, int priority, CancellationToken cancellationToken) =>
        Set(() => _pool.SetPriority(experiment, priority));

    public Task SetMaxDevices(ExperimentId experiment, int? maxDevices, CancellationToken cancellationToken) =>
        Set(() => _pool.SetMaxDevices(experiment, maxDevices));

    public Task SetPaused(ExperimentId experiment, bool paused, CancellationToken cancellationToken) =>
        Set(() => _pool.SetPaused(experiment, paused));

    public Task<SchedulerStatus> GetStatus(CancellationToken cancellationToken) => Task.FromResult(_pool.Status());

    public Task<StagePlaces> Locate(ExperimentId experiment, IReadOnlyList<StageKey> stages, CancellationToken cancellationToken) =>
        Task.FromResult(_pool.Locate(experiment, stages));

    public Task<IReadOnlyList<ExperimentShare>> GetShares(CancellationToken cancellationToken) => Task.FromResult(_pool.Shares());

    public Task<IReadOnlyList<WaitExplanation>> Explain(ExperimentId experiment, int count, CancellationToken cancellationToken) =>
        Task.FromResult(_pool.Explain(experiment, count));

    public Task<QueuePage> Queue(int offset, int count, CancellationToken cancellationToken) => Task.FromResult(_pool.Queue(offset, count));

    private async Task Set(Action set)
    {
        set();
        await Commit();
        await Dispatch();
    }
}
