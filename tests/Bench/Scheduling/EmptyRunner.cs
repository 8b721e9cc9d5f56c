using System.Collections.Concurrent;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Silo.Stages;

namespace Orchestrator.Bench.Scheduling;

/// <summary>Runs that compute nothing: each commits a result of a few bytes, so that what is measured is everything else.</summary>
internal sealed class EmptyRunner(TimeProvider time) : IJobRunner
{
    /// <summary>When each run was begun on its device.</summary>
    public ConcurrentDictionary<StageKey, long> Begun { get; } = [];

    public void Run(JobRequest job, IJobReporter reporter, CancellationToken stop)
    {
        foreach (var stage in job.Stages)
        {
            Begun[stage.Key] = time.GetTimestamp();
            var folder = reporter.NewWorkFolder(stage.Key);
            File.WriteAllText(Path.Combine(folder, "result.txt"), stage.Key.Value);
            reporter.CommitResult(stage.Key, folder);
        }
    }
}
