using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.Scheduling;

public sealed partial class SchedulerGrain
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Information, "Device {Device} is there, incarnation {Incarnation}")]
    private partial void LogRegistered(string device, Guid incarnation);

    [LoggerMessage(LogLevel.Information, "Device {Device} goes away, incarnation {Incarnation}")]
    private partial void LogUnregistered(string device, Guid incarnation);

    [LoggerMessage(LogLevel.Information, "Device {Device} is leased under epoch {Epoch} to {Job} of {Stages} stage(s)")]
    private partial void LogGranted(string device, long epoch, string job, int stages);

    [LoggerMessage(LogLevel.Warning, "Lease {Epoch} of {Job} is lost: {Reason}")]
    private partial void LogLost(long epoch, string job, string reason);

    [LoggerMessage(LogLevel.Warning, "Device {Device} could not be told about lease {Epoch}")]
    private partial void LogUndeliverable(Exception exception, string device, long epoch);

    [LoggerMessage(LogLevel.Information, "{Leases} job(s) are asked to make room: {Reason}")]
    private partial void LogPreempts(int leases, string reason);

    [LoggerMessage(LogLevel.Information, "Device {Device} was made free under epoch {Epoch}; its job goes on later")]
    private partial void LogYielded(string device, long epoch);

    [LoggerMessage(LogLevel.Warning, "The whole queue could not be written; trying again")]
    private partial void LogNotWritten(Exception exception);
}
