using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Regular expressions by name, of the kind that cannot hold up whoever matches them.</summary>
internal sealed partial class PatternsKey(string name, string doc) : Key<IReadOnlyDictionary<string, string>>(name, doc)
{
    private const string NamePattern = "^[a-z][a-z0-9_]{0,63}$";

    private const string AllowedName = "a name of a-z, 0-9 and _ that begins with a letter, up to 64 characters";

    private static readonly string AllowedExpression =
        $"a regular expression of 1 to {Shown.Number(TextPattern.MaxLength)} characters without look-around, back references, atomic groups and counts in the thousands";

    public override string Allowed => $"a mapping of at most {TextPattern.MaxCount} names to regular expressions";

    public static bool IsName(string name) => SafeName().IsMatch(name);

    /// <summary>Why an expression cannot be used; null: it can.</summary>
    public static string? Refusal(string expression)
    {
        try
        {
            TextPattern.Create(expression);
            return null;
        }
        catch (RegexParseException exception)
        {
            return $"no regular expression: {exception.Error} at character {exception.Offset}";
        }
        catch (ArgumentException)
        {
            return "too long";
        }
        catch (NotSupportedException)
        {
            return "cannot be matched in time that grows with the text only";
        }
    }

    public override object? Read(SpecNode node, string path, SpecProblems problems)
    {
        if (node is not MappingNode { Entries.Count: <= TextPattern.MaxCount } mapping)
        {
            return Refuse(node, path, problems);
        }

        var patterns = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in mapping.Entries)
        {
            if (!IsName(key.Text))
            {
                problems.Add(key, $"{path}: wrong name", key.Found, AllowedName);
            }
            else if (value is not ScalarNode { IsNothing: false, Text.Length: > 0 } expression)
            {
                problems.Add(value, $"{path}.{key.Text}: wrong value", value.Found, AllowedExpression);
            }
            else if (Refusal(expression.Text) is { } reason)
            {
                problems.Add(value, $"{path}.{key.Text}: {reason}", value.Found, AllowedExpression);
            }
            else
            {
                patterns[key.Text] = expression.Text;
            }
        }

        return patterns.Count == mapping.Entries.Count ? patterns : null;
    }

    // Of the expressions themselves an editor knows the length only.
    public override JsonObject DescribeValue() => new()
    {
        ["type"] = "object",
        ["propertyNames"] = new JsonObject { ["pattern"] = NamePattern },
        ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean"), ["minLength"] = 1, ["maxLength"] = TextPattern.MaxLength },
        ["maxProperties"] = TextPattern.MaxCount,
    };

    protected override string Format(IReadOnlyDictionary<string, string> value) => value.Count == 0 ? "none" : string.Join(", ", value.Keys);

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,63}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex SafeName();
}
