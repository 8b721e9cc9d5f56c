using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Grains.Experiments;

public sealed partial class ExperimentGrain
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Information, "{Experiment}: submitted, {Stages} stages, {Cached} of them cached")]
    private partial void LogSubmitted(ExperimentId experiment, int stages, int cached);

    [LoggerMessage(LogLevel.Information, "{Experiment}: being cancelled")]
    private partial void LogCancelling(ExperimentId experiment);

    [LoggerMessage(LogLevel.Information, "{Experiment}: {Stages} failed stages are tried again")]
    private partial void LogRetrying(ExperimentId experiment, int stages);

    [LoggerMessage(LogLevel.Information, "{Experiment}: {Stage} is {Phase} {Reason}")]
    private partial void LogConcluded(ExperimentId experiment, StageKey stage, StagePhase phase, string reason);

    [LoggerMessage(LogLevel.Information, "{Experiment}: on {Model} at rung {Rung}, {Kept} of {Ranked} dictionaries go on")]
    private partial void LogDecided(ExperimentId experiment, StageKey model, double rung, int kept, int ranked);

    [LoggerMessage(LogLevel.Warning, "{Experiment}: {Stage} is computed again, as its artefact was torn; {Reader} reads it")]
    private partial void LogRestoring(ExperimentId experiment, StageKey stage, StageKey reader);

    [LoggerMessage(LogLevel.Information, "{Experiment}: {Phase} after {Seconds:0.0} s")]
    private partial void LogEnded(ExperimentId experiment, ExperimentPhase phase, double seconds);

    [LoggerMessage(LogLevel.Warning, "{Experiment}: could not look after its stages; trying again")]
    private partial void LogNotReconciled(Exception exception, ExperimentId experiment);

    [LoggerMessage(LogLevel.Error, "{Experiment}: the report could not be written")]
    private partial void LogNotReported(Exception exception, ExperimentId experiment);
}
