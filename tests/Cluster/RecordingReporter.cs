using System.Collections.Concurrent;
using Orchestrator.Grains.Experiments;

namespace Orchestrator.Cluster;

/// <summary>Keeps what experiments hand over at their end.</summary>
public sealed class RecordingReporter : IExperimentReporter
{
    public ConcurrentQueue<FinishedExperiment> Finished { get; } = [];

    public Task<string> Write(FinishedExperiment experiment, CancellationToken cancellationToken)
    {
        Finished.Enqueue(experiment);
        return Task.FromResult($"summary of {experiment.Id}");
    }
}
