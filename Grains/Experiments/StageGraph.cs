using System.Security.Cryptography;
using System.Text;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Experiments;

/// <summary>What follows from the state of an experiment's stages, without messages or disk.</summary>
public static class StageGraph
{
    /// <summary>Stages whose dependencies are all there and that nobody has been asked for.</summary>
    public static IReadOnlyList<StageRecord> Ready(IReadOnlyList<StageRecord> stages)
    {
        var there = stages.Where(stage => stage.HasArtefact).Select(stage => stage.Plan.Key).ToHashSet();
        return [.. stages.Where(stage => stage.Phase == StagePhase.Blocked && stage.Plan.DependsOn.All(there.Contains))];
    }

    /// <summary>Fails what depends on failed stages, naming the first cause; stages are in plan order, so one pass is enough.</summary>
    /// <returns>Whether any stage changed.</returns>
    public static bool FailDependents(IReadOnlyList<StageRecord> stages)
    {
        var changed = false;
        var failed = stages.Where(stage => stage.Phase == StagePhase.Failed).ToDictionary(stage => stage.Plan.Key);
        foreach (var stage in stages.Where(stage => stage.Phase == StagePhase.Blocked))
        {
            if (stage.Plan.DependsOn.FirstOrDefault(failed.ContainsKey) is not { Value: not null } cause)
                continue;

            stage.End(StagePhase.Failed, $"needs {failed[cause].Plan.Label} ({cause}), which failed: {failed[cause].Reason}");
            failed[stage.Plan.Key] = stage;
            changed = true;
        }

        return changed;
    }

    /// <summary>
    /// Stages that wait for one that was stopped early, and for nothing that has not ended: what becomes of them can be said.
    /// </summary>
    public static IReadOnlyList<StageRecord> Orphans(IReadOnlyList<StageRecord> stages)
    {
        var stopped = stages.Where(stage => stage.Phase == StagePhase.Stopped).Select(stage => stage.Plan.Key).ToHashSet();
        if (stopped.Count == 0)
            return [];

        var settled = stages.Where(stage => stage.HasArtefact).Select(stage => stage.Plan.Key).Concat(stopped).ToHashSet();
        return [.. stages.Where(stage =>
            stage.Phase == StagePhase.Blocked && stage.Plan.DependsOn.Any(stopped.Contains) && stage.Plan.DependsOn.All(settled.Contains))];
    }

    /// <summary>One job for each stage, but only one for all stages of a stream.</summary>
    /// <param name="experiment">Whose they are.</param>
    /// <param name="stages">Those that are ready.</param>
    /// <param name="demand">What a job of these stages needs; null: one device, whichever.</param>
    public static IEnumerable<JobRequest> Jobs(ExperimentId experiment, IEnumerable<StageRecord> stages, Func<IReadOnlyList<StageKey>, JobDemand?>? demand = null) => stages
        .GroupBy(stage => stage.Plan.Stream is { } stream ? $"stream {stream}" : $"stage {stage.Plan.Key}")
        .Select(group => new JobRequest(
            JobId(group.Select(stage => stage.Plan.Key)),
            experiment,
            [.. group.Select(stage => new JobStage(stage.Plan.Key, stage.Plan.DefinitionJson))])
        {
            Demand = demand?.Invoke([.. group.Select(stage => stage.Plan.Key)]),
        });

    /// <summary>How the experiment ended; null: it has not.</summary>
    public static ExperimentPhase? End(IReadOnlyList<StageRecord> stages)
    {
        if (!stages.All(stage => stage.HasEnded))
            return null;

        if (stages.Any(stage => stage.Phase == StagePhase.Cancelled))
            return ExperimentPhase.Cancelled;

        return stages.Any(stage => stage.Phase == StagePhase.Failed) ? ExperimentPhase.Failed : ExperimentPhase.Completed;
    }

    /// <summary>Equal for equal stages, in whatever order and of whatever experiment.</summary>
    private static string JobId(IEnumerable<StageKey> stages)
    {
        var keys = string.Join('\n', stages.Select(stage => stage.Value).Order(StringComparer.Ordinal));
        return $"job-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(keys)))[..12]}";
    }
}
