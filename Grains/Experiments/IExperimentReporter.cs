namespace Orchestrator.Grains.Experiments;

/// <summary>Writes what an experiment found, once it has ended, whichever way.</summary>
public interface IExperimentReporter
{
    /// <summary>
    /// Writes <c>summary.json</c> and <c>report.html</c> into the experiment's folder of the store, replacing those of an
    /// earlier submission. Called off any grain's turn, so it may read and write files; called again after a crash.
    /// </summary>
    /// <returns>Absolute path of summary.json.</returns>
    Task<string> Write(FinishedExperiment experiment, CancellationToken cancellationToken);
}
