using System.Text.Json;
using Orchestrator.Abstractions.Results;

namespace Orchestrator.Planning.Logs;

/// <summary>A line of an experiment's or a run's log, as it stands in a <c>.jsonl</c> file.</summary>
/// <param name="At">When.</param>
/// <param name="Level"><c>information</c>, <c>warning</c> …</param>
/// <param name="Silo">Who wrote it.</param>
/// <param name="Experiment">Which it is about; null: it concerns every experiment that wants the run.</param>
/// <param name="Run">The stage; null: it is about the experiment as a whole.</param>
/// <param name="Message">For people.</param>
/// <param name="Exception">With its stack; null where there was none.</param>
/// <param name="Fields">The values in the message, by name.</param>
public sealed record LogLine(
    DateTimeOffset At,
    string Level,
    string Silo,
    string? Experiment,
    string? Run,
    string Message,
    string? Exception,
    IReadOnlyDictionary<string, string?> Fields)
{
    /// <summary>Ends the name of every file of such lines.</summary>
    public const string Extension = ".jsonl";

    private static readonly JsonSerializerOptions Json = new(ResultJson.Options) { WriteIndented = false };

    /// <summary>One line, without its end.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Null where the text is no such line: torn by a crash, or written by a later version.</summary>
    public static LogLine? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<LogLine>(text, Json) is { Message: not null } line ? line : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
