using System.Globalization;
using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions;
using Orchestrator.Planning.Logs;

namespace Orchestrator.Silo.Logging;

/// <summary>
/// Writes what concerns an experiment or a run into the store, by experiment and run. A message is about those whose ids
/// are among its values or those of its scopes; what is about none goes only where all messages go.
/// </summary>
internal sealed class RunLogProvider(RunLogWriter writer, string silo, TimeProvider time) : ILoggerProvider, ISupportExternalScope
{
    /// <summary>Of a message or an exception: whoever throws may put anything into it.</summary>
    private const int MostCharacters = 16_384;

    private IExternalScopeProvider? _scopes;

    public ILogger CreateLogger(string categoryName) => new RunLogger(this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        // The writer is the container's.
    }

    private void Write(LogLevel level, object? state, string message, Exception? exception)
    {
        var subjects = new Subjects();
        subjects.Read(state);
        _scopes?.ForEachScope((scope, found) => found.Read(scope), subjects);
        if (!subjects.Any)
            return;

        var line = new LogLine(
            time.GetUtcNow(),
            level.ToString().ToLowerInvariant(),
            silo,
            subjects.Experiment?.Value,
            null,
            Cut(message),
            exception is null ? null : Cut(exception.ToString()),
            subjects.Fields);
        if (subjects.Experiment is { } experiment)
        {
            writer.Write(experiment, line with { Run = subjects.Runs is [var only] ? only.Value : null });
            return;
        }

        foreach (var run in subjects.Runs)
            writer.Write(run, line with { Run = run.Value });
    }

    private static string Cut(string text) => text.Length <= MostCharacters ? text : $"{text[..MostCharacters]} … ({text.Length:N0} characters)";

    private sealed class RunLogger(RunLogProvider provider) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => provider._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None; // filters are the factory's

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                provider.Write(logLevel, state, formatter(state, exception), exception);
        }
    }

    /// <summary>What a message is about.</summary>
    private sealed class Subjects
    {
        private const string Template = "{OriginalFormat}";

        public ExperimentId? Experiment { get; private set; }

        public List<StageKey> Runs { get; } = [];

        public Dictionary<string, string?> Fields { get; } = [];

        public bool Any => Experiment is not null || Runs.Count > 0;

        public void Read(object? state)
        {
            if (state is not IEnumerable<KeyValuePair<string, object?>> values)
                return;

            foreach (var (name, value) in values)
                Read(name, value);
        }

        private void Read(string name, object? value)
        {
            switch (value)
            {
                case ExperimentId experiment:
                    Experiment ??= experiment;
                    break;
                case StageKey run when !Runs.Contains(run):
                    Runs.Add(run);
                    break;
                case StageKey:
                    break;
                default:
                    if (name != Template)
                        Fields.TryAdd(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                    break;
            }
        }
    }
}
