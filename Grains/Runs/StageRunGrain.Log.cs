using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Grains.Runs;

public abstract partial class StageRunGrain
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Information, "{Stage}: attempt {Attempt} begins under lease {Epoch} at step {Step}")]
    private partial void LogBegins(StageKey stage, int attempt, long epoch, long step);

    [LoggerMessage(LogLevel.Information, "{Stage}: {Activity}, step {Step} of {Steps}")]
    private partial void LogActivity(StageKey stage, string activity, long step, long steps);

    [LoggerMessage(LogLevel.Information, "{Stage}: {Activity}, step {Step} of {Steps}, {TokensPerSecond:0} tokens/s, loss {Loss:0.0000}")]
    private partial void LogTraining(StageKey stage, string activity, long step, long steps, double tokensPerSecond, double loss);

    [LoggerMessage(LogLevel.Information, "{Stage}: {Activity}, step {Step} of {Steps}, {TokensPerSecond:0} tokens/s, loss {Loss:0.0000}, L0 {L0:0.0}")]
    private partial void LogSparseTraining(StageKey stage, string activity, long step, long steps, double tokensPerSecond, double loss, double l0);

    [LoggerMessage(LogLevel.Information, "{Stage}: checkpoint at step {Step}")]
    private partial void LogCheckpoint(StageKey stage, long step);

    [LoggerMessage(LogLevel.Information, "{Stage}: measured at rung {Rung}, step {Step}; waits for a decision: {IsHeld}")]
    private partial void LogRung(StageKey stage, double rung, long step, bool isHeld);

    [LoggerMessage(LogLevel.Information, "{Stage}: {End} {Reason}")]
    private partial void LogEnded(StageKey stage, RunEnd end, string reason);

    [LoggerMessage(LogLevel.Information, "{Stage}: the attempt of lease {Epoch} ended: {End} {Failure} {Reason}")]
    private partial void LogAttemptEnded(StageKey stage, long epoch, RunEnd end, FailureClass failure, string reason);

    [LoggerMessage(LogLevel.Error, "{Stage}: its process {ProcessId} {End}; the last lines: {LastLines}")]
    private partial void LogProcessEnd(StageKey stage, int processId, string end, string lastLines);

    [LoggerMessage(LogLevel.Warning, "{Stage}: refused a commit of lease {Epoch}; the newest is {Newest}")]
    private partial void LogStale(StageKey stage, long epoch, long newest);

    [LoggerMessage(LogLevel.Warning, "{Stage}: the checkpoint of step {Step} is torn ({Reason}); going on from step {Before}")]
    private partial void LogCheckpointTorn(StageKey stage, long step, string reason, long before);

    [LoggerMessage(LogLevel.Warning, "{Stage}: the checkpoint {Folder} is gone; going on from the one before, or from the beginning")]
    private partial void LogCheckpointGone(StageKey stage, string folder);

    [LoggerMessage(LogLevel.Warning, "{Experiment} could not be told of {Stage}; it will ask")]
    private partial void LogNotTold(Exception exception, ExperimentId experiment, StageKey stage);

    [LoggerMessage(LogLevel.Warning, "{Folder} could not be deleted")]
    private partial void LogNotDeleted(Exception exception, string folder);
}
