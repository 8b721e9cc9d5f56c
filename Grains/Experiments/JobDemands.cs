using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Estimates;

namespace Orchestrator.Grains.Experiments;

/// <summary>What jobs will need, for the scheduler: memory by size, time by what was measured on this store. Reads files: not for a grain's turn.</summary>
public sealed class JobDemands(ArtefactStore store, TimeProvider time)
{
    /// <summary>Rates hardly change within it, and a store may hold thousands of artefacts.</summary>
    private static readonly TimeSpan KeepRates = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private MeasuredRates _rates = MeasuredRates.None;
    private long? _readAt;

    /// <summary>Finds the demand of each job.</summary>
    /// <param name="all">Every stage of the experiment.</param>
    /// <param name="ready">Those that are to be queued.</param>
    /// <param name="memoryBytes">What the spec says each run needs; null: nothing, so that it is estimated.</param>
    public Func<IReadOnlyList<StageKey>, JobDemand?> Of(IReadOnlyList<PlannedStage> all, IReadOnlyList<PlannedStage> ready, long? memoryBytes)
    {
        var json = all.ToDictionary(stage => stage.Key, stage => stage.DefinitionJson);
        var definitions = new Dictionary<StageKey, StageDefinition?>();
        StageDefinition? Find(StageKey key) => definitions.TryGetValue(key, out var known) ? known
            : definitions[key] = json.TryGetValue(key, out var text) ? StageDefinition.FromJson(text) : null;
        var rates = Rates();
        var stages = ready.Select(stage => new StageToEstimate(stage.Key, Find(stage.Key)!, stage.Stream)).ToList();

        // Which kind of device it will be is not known yet: the slowest that is, so that no start is promised too early.
        var demands = rates.Devices.Cast<string?>().DefaultIfEmpty().SelectMany(device => JobEstimate.Of(stages, Find, rates, device))
            .GroupBy(job => job.Stages[0].Key)
            .ToDictionary(job => job.Key, job => Demand([.. job], memoryBytes));
        return keys => demands.GetValueOrDefault(keys[0]);
    }

    private static JobDemand? Demand(IReadOnlyList<JobEstimate> estimates, long? memoryBytes)
    {
        var duration = estimates.Select(estimate => estimate.Time?.Duration).Max();
        var memory = memoryBytes ?? estimates[0].MemoryBytes ?? 0;
        return duration is null && memory == 0 ? null : new JobDemand { MemoryBytes = memory, Duration = duration };
    }

    private MeasuredRates Rates()
    {
        lock (_lock)
        {
            if (_readAt is not { } readAt || time.GetElapsedTime(readAt) > KeepRates)
            {
                _rates = MeasuredRates.Read(store);
                _readAt = time.GetTimestamp();
            }

            return _rates;
        }
    }
}
