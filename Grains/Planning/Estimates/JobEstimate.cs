using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Estimates;

/// <summary>What a job, of one stage or of all dictionaries of a stream, will need.</summary>
/// <param name="Stages">In plan order.</param>
/// <param name="Stream">What they share; null: it is one stage by itself.</param>
/// <param name="Time">Null where some of it was never measured.</param>
/// <param name="SharedTime">The part of it that is spent once for all; null: none, or never measured.</param>
/// <param name="MemoryBytes">On its device; null where nothing is known of it.</param>
public sealed record JobEstimate(IReadOnlyList<StageEstimate> Stages, string? Stream, TimeEstimate? Time, TimeEstimate? SharedTime, long? MemoryBytes)
{
    /// <summary>The jobs of stages, in their order.</summary>
    /// <param name="stages">What is to be computed.</param>
    /// <param name="find">The definitions of all stages that these read.</param>
    /// <param name="rates">What was measured.</param>
    /// <param name="device">A kind of device; null: on none anything was measured.</param>
    public static IReadOnlyList<JobEstimate> Of(IEnumerable<StageToEstimate> stages, Func<StageKey, StageDefinition?> find, MeasuredRates rates, string? device) =>
        [.. stages.GroupBy(stage => stage.Stream ?? stage.Key.Value).Select(job => Of([.. job], find, rates, device))];

    private static JobEstimate Of(IReadOnlyList<StageToEstimate> job, Func<StageKey, StageDefinition?> find, MeasuredRates rates, string? device)
    {
        var stages = job.Select(stage => new StageEstimate(
            stage.Key,
            device is null ? null : rates.Estimate(device, StageCost.Of(stage.Definition, find)),
            MemoryNeed.Of(stage.Definition, find))).ToList();
        var longest = job.Select(stage => stage.Definition).OfType<DictionaryStage>().MaxBy(stage => stage.Dictionary.Tokens);
        var shared = longest is null || device is null ? null : rates.Estimate(device, StageCost.OfStream(longest, find));
        var memory = Sum(longest is null ? [.. stages.Select(stage => stage.MemoryBytes)] : [.. stages.Select(stage => stage.MemoryBytes), MemoryNeed.OfStream(longest, find)]);
        return new JobEstimate(stages, job[0].Stream, Sum(longest is null ? [.. stages.Select(stage => stage.Time)] : [.. stages.Select(stage => stage.Time), shared]), shared, memory);
    }

    private static long? Sum(IReadOnlyList<long?> parts) => parts.Contains(null) ? null : parts.Sum();

    private static TimeEstimate? Sum(IReadOnlyList<TimeEstimate?> parts) => parts.Contains(null)
        ? null
        : new TimeEstimate(TimeSpan.FromTicks(parts.Sum(part => part!.Duration.Ticks)), parts.Any(part => part!.IsScaled));
}

/// <summary>A stage that is to be computed.</summary>
/// <param name="Stream">Stages of equal, non-null stream are one job.</param>
public sealed record StageToEstimate(StageKey Key, StageDefinition Definition, string? Stream);

/// <summary>What a stage by itself will need, without what the stages of its stream share.</summary>
/// <param name="Time">Null where none of its kind was measured.</param>
/// <param name="MemoryBytes">Null where nothing is known of it.</param>
public sealed record StageEstimate(StageKey Key, TimeEstimate? Time, long? MemoryBytes);
