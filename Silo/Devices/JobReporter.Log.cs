using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions;

namespace Orchestrator.Silo.Devices;

public sealed partial class JobReporter
{
    [LoggerMessage(LogLevel.Warning, "Could not tell {What}; trying again")]
    private partial void LogRetry(Exception exception, string what);

    [LoggerMessage(LogLevel.Debug, "Progress of {Stage} was lost")]
    private partial void LogProgressNotSent(Exception exception, StageKey stage);

    [LoggerMessage(LogLevel.Error, "{Job} hangs in code that cannot be stopped; this process ends: {Reason}")]
    private partial void LogAbandoned(string job, string reason);

    [LoggerMessage(LogLevel.Error, "Could not tell {What}")]
    private partial void LogNotTold(Exception exception, string what);
}
