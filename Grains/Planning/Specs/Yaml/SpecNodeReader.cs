using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Planning.Specs.Yaml;

/// <summary>
/// Builds nodes from YAML events. Bounded whatever the text: depth and the number of nodes (with every alias written out)
/// have limits, and an alias shares its node instead of copying it.
/// </summary>
internal sealed class SpecNodeReader
{
    public const int MaxDepth = 32;
    public const int MaxNodes = 100_000;

    private const int MaxShownKeys = 6;

    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly SpecProblems _problems;

    // Null: the anchor's node is still being read, so that an alias to it would be a cycle.
    private readonly Dictionary<string, SpecNode?> _anchors = [];

    // Brackets and braces that are open, innermost last: what a syntax error is most often about.
    private readonly Stack<ParsingEvent> _brackets = new();

    // The keys and places in lists that lead to what is being read.
    private readonly List<string> _path = [];
    private int _nodes;

    private SpecNodeReader(string text, SpecProblems problems)
    {
        _scanner = new Scanner(new StringReader(text), skipComments: true);
        _parser = new Parser(_scanner);
        _problems = problems;
    }

    /// <summary>The one document of a text; null where there is none or it cannot be read, with the reason among the problems.</summary>
    public static SpecNode? Read(string text, SpecProblems problems)
    {
        var reader = new SpecNodeReader(text, problems);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException exception)
        {
            reader.AddSyntaxError(exception.Start, Shown.OneLine(exception.Message));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The scanner throws other types too, on a bracket that is never closed among others.
            reader.AddSyntaxError(reader._scanner.CurrentPosition, "the text cannot be understood from here on");
        }

        return null;
    }

    private void AddSyntaxError(Mark at, string message)
    {
        var hint = _brackets.TryPeek(out var open) ? $" (the {(open is MappingStart ? '{' : '[')} in line {LineOf(open)}, column {ColumnOf(open)} is not closed)" : "";
        var where = _path.Count == 0 ? "" : $" (in {Path})";
        _problems.Add((int)at.Line, (int)at.Column, $"not valid YAML: {message}{where}{hint}");
    }

    private SpecNode? ReadDocument()
    {
        Take();
        if (Take() is not DocumentStart)
        {
            _problems.Add(1, 1, $"{_problems.What} is empty", null, "a mapping that begins with 'version: 1'");
            return null;
        }

        var root = ReadNode(Take(), 0);
        if (root is null)
        {
            return null;
        }

        Take();
        if (Take() is DocumentStart second)
        {
            AddAt(second, "a second document begins here", "one document");
        }

        return root;
    }

    private ParsingEvent Take() =>
        _parser.MoveNext() ? _parser.Current! : throw new YamlException("The text ends too early.");

    /// <summary>A node from its first event; null where reading cannot go on.</summary>
    private SpecNode? ReadNode(ParsingEvent first, int depth)
    {
        if (first is AnchorAlias alias)
        {
            return Resolve(alias);
        }

        if (++_nodes > MaxNodes || depth > MaxDepth)
        {
            AddAt(first, _nodes > MaxNodes ? $"{_problems.What} holds too much" : $"{_problems.What} is nested too deep",
                _nodes > MaxNodes ? $"{Shown.Number(MaxNodes)} values" : $"{MaxDepth} levels");
            return null;
        }

        var anchor = Inspect((NodeEvent)first);
        SpecNode? node = first switch
        {
            Scalar scalar => new ScalarNode(LineOf(scalar), ColumnOf(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadList(first, depth),
            _ => ReadMapping(first, depth),
        };
        if (node is null)
        {
            return null;
        }

        if (node.Size > MaxNodes)
        {
            AddAt(first, $"{_problems.What} holds too much once its aliases are written out", $"{Shown.Number(MaxNodes)} values");
            return null;
        }

        if (anchor is not null)
        {
            _anchors[anchor] ??= node; // not null: an inner node took the name meanwhile
        }

        return node;
    }

    private ListNode? ReadList(ParsingEvent start, int depth)
    {
        Open(start, start is SequenceStart { Style: SequenceStyle.Flow });
        var items = new List<SpecNode>();
        while (Take() is var next && next is not SequenceEnd)
        {
            _path.Add($"[{items.Count}]");
            if (ReadNode(next, depth + 1) is not { } item)
            {
                return null;
            }

            _path.RemoveAt(_path.Count - 1);
            items.Add(item);
        }

        Close(start);
        return new ListNode(LineOf(start), ColumnOf(start), items);
    }

    private MappingNode? ReadMapping(ParsingEvent start, int depth)
    {
        Open(start, start is MappingStart { Style: MappingStyle.Flow });
        var entries = new Dictionary<string, SpecEntry>(StringComparer.Ordinal);
        while (Take() is var next && next is not MappingEnd)
        {
            if (ReadNode(next, depth + 1) is not { } key)
            {
                return null;
            }

            _path.Add(key is ScalarNode { Text: var text } ? Shown.Text(text) : "?");
            if (ReadNode(Take(), depth + 1) is not { } value)
            {
                return null;
            }

            _path.RemoveAt(_path.Count - 1);
            if (key is not ScalarNode name)
            {
                _problems.Add(key, $"{Prefix}not a key", key.Found, "a name");
            }
            else if (entries.TryGetValue(name.Text, out var earlier))
            {
                _problems.Add(name, $"{Prefix}key {Shown.Quoted(name.Text)} stands twice; the first is in line {earlier.Key.Line}");
            }
            else
            {
                entries.Add(name.Text, new SpecEntry(name, value));
            }
        }

        Close(start);
        return new MappingNode(LineOf(start), ColumnOf(start), [.. entries.Values]);
    }

    private void Open(ParsingEvent start, bool flow)
    {
        if (flow)
        {
            _brackets.Push(start);
        }
    }

    private void Close(ParsingEvent start)
    {
        if (_brackets.TryPeek(out var open) && ReferenceEquals(open, start))
        {
            _brackets.Pop();
        }
    }

    private SpecNode? Resolve(AnchorAlias alias)
    {
        if (_anchors.TryGetValue(alias.Value.Value, out var node) && node is not null)
        {
            return node;
        }

        var name = Shown.Quoted("*" + alias.Value.Value);
        AddAt(alias, _anchors.ContainsKey(alias.Value.Value) ? $"alias {name} contains itself" : $"alias {name} names no anchor above it", null);
        return null;
    }

    /// <summary>Refuses tags; opens and returns the anchor.</summary>
    private string? Inspect(NodeEvent node)
    {
        if (!node.Tag.IsEmpty)
        {
            _problems.Add(LineOf(node), ColumnOf(node), $"{Prefix}a tag", Shown.Quoted(node.Tag.IsNonSpecific ? "!" : node.Tag.Value), "plain values; types follow from the key");
        }

        if (node.Anchor.IsEmpty)
        {
            return null;
        }

        _anchors[node.Anchor.Value] = null;
        return node.Anchor.Value;
    }

    private void AddAt(ParsingEvent at, string message, string? allowed) =>
        _problems.Add(LineOf(at), ColumnOf(at), Prefix + message, null, allowed);

    private string Prefix => _path.Count == 0 ? "" : $"{Path}: ";

    /// <summary><c>model.training</c>, <c>analyses[2].kind</c>; of something deep its first keys.</summary>
    private string Path
    {
        get
        {
            var path = string.Concat(_path.Take(MaxShownKeys).Select((key, i) => i == 0 || key.StartsWith('[') ? key : $".{key}"));
            return _path.Count > MaxShownKeys ? path + "…" : path;
        }
    }

    private static int LineOf(ParsingEvent at) => (int)at.Start.Line;

    private static int ColumnOf(ParsingEvent at) => (int)at.Start.Column;
}
