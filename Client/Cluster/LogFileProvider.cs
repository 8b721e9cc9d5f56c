using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Client.Cluster;

/// <summary>Writes what libraries log to a file, so that it never mixes with a command's output.</summary>
internal sealed class LogFileProvider(LogFile file, TimeProvider time) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new FileLogger(file, time, categoryName);

    public void Dispose()
    {
        // The file is its owner's.
    }

    private sealed class FileLogger(LogFile file, TimeProvider time, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var at = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
                file.Append($"{at} {logLevel} {category}: {formatter(state, exception)}{(exception is null ? "" : Environment.NewLine + exception)}");
            }
        }
    }
}
