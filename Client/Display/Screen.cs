using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Abstractions.Results;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestrator.Client.Display;

/// <summary>
/// Results go to standard output, everything said on the way to standard error. On a terminal tables are drawn; elsewhere
/// they are lines of columns parted by tabs, for programs.
/// </summary>
public sealed class Screen
{
    private static readonly JsonSerializerOptions Json = new(ResultJson.Options)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private readonly TextWriter _output;
    private readonly TextWriter _errors;
    private readonly IAnsiConsole? _terminal;
    private readonly Lock _gate = new();

    /// <param name="output">Standard output.</param>
    /// <param name="errors">Standard error.</param>
    /// <param name="terminal">Draws on standard output; null where that is no terminal.</param>
    public Screen(TextWriter output, TextWriter errors, IAnsiConsole? terminal) =>
        (_output, _errors, _terminal) = (output, errors, terminal);

    /// <summary>The terminal; null where standard output is none.</summary>
    public IAnsiConsole? Terminal => _terminal;

    /// <summary>Set while a live display owns the terminal: it gets the notices.</summary>
    public Action<string>? NoticeSink { get; set; }

    /// <summary>The console of this process.</summary>
    public static Screen ForConsole() =>
        new(Console.Out, Console.Error, Console.IsOutputRedirected ? null : AnsiConsole.Console);

    /// <summary>A line of a result.</summary>
    public void Line(string text = "")
    {
        lock (_gate)
        {
            _output.WriteLine(text);
        }
    }

    /// <summary>A result for programs: the whole of standard output.</summary>
    public void WriteJson<T>(T value) => Line(JsonSerializer.Serialize(value, Json));

    /// <summary>Said on the way; not part of a result.</summary>
    public void Notice(string text)
    {
        if (NoticeSink is { } sink)
        {
            sink(text);
        }
        else
        {
            Error(text);
        }
    }

    /// <summary>A line on standard error.</summary>
    public void Error(string text)
    {
        lock (_gate)
        {
            _errors.WriteLine(text);
        }
    }

    /// <summary>A table.</summary>
    public void Write(TextTable table)
    {
        if (_terminal is null)
        {
            table.WriteLines(Line);
        }
        else
        {
            Draw(table.ToRenderable());
        }
    }

    /// <summary>A heading above what follows.</summary>
    public void Heading(string text)
    {
        if (_terminal is null)
        {
            Line($"# {text}");
        }
        else
        {
            Draw(new Padder(Drawn.Plain(text, new Style(decoration: Decoration.Bold)), new Padding(0, 1, 0, 0)));
        }
    }

    /// <summary>Draws on the terminal; only where there is one.</summary>
    public void Draw(IRenderable renderable)
    {
        lock (_gate)
        {
            _terminal?.Write(renderable);
        }
    }
}
