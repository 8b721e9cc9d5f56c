using Microsoft.Extensions.Logging;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Silo.Devices;

public sealed partial class DeviceThread
{
    [LoggerMessage(LogLevel.Information, "{Job} under lease {Epoch}: {Stages} stage(s)")]
    private partial void LogStarted(string job, long epoch, int stages);

    [LoggerMessage(LogLevel.Information, "{Job} under lease {Epoch} ended: {End} {Failure} {Reason}")]
    private partial void LogEnded(string job, long epoch, RunEnd end, FailureClass failure, string reason);

    [LoggerMessage(LogLevel.Warning, "{Job} stopped, its lease {Epoch} is lost: {Reason}")]
    private partial void LogLost(string job, long epoch, string reason);

    [LoggerMessage(LogLevel.Error, "{Job} under lease {Epoch} failed")]
    private partial void LogFailed(Exception exception, string job, long epoch);

    [LoggerMessage(LogLevel.Error, "The end of {Job} under lease {Epoch} could not be told; the lease will expire")]
    private partial void LogNotConcluded(Exception exception, string job, long epoch);

    [LoggerMessage(LogLevel.Warning, "What the attempt wrote could not be deleted")]
    private partial void LogNotDiscarded(Exception exception);
}
