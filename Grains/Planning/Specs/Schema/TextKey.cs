using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Text: one of a few names, of a pattern, or free.</summary>
internal sealed class TextKey(string name, string doc) : Key<string>(name, doc)
{
    /// <summary>Characters.</summary>
    public int MaxLength { get; init; } = 4_096;

    /// <summary>The only values; null: any.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>The whole text matches, in the way that <see cref="PatternText"/> tells people.</summary>
    public Regex? Pattern { get; init; }

    public string? PatternText { get; init; }

    /// <summary>Control characters that may occur.</summary>
    public string Controls { get; init; } = "";

    public override string Allowed => Values is not null ? Shown.OneOf(Values)
        : PatternText ?? $"{(Controls.Contains('\n') ? "" : "one line of ")}text of 1 to {Shown.Number(MaxLength)} characters";

    // A plain scalar that looks like a number is text to the reader, but not to an editor.
    public override JsonObject DescribeValue()
    {
        if (Values is not null)
        {
            return new JsonObject { ["enum"] = new JsonArray([.. Values.Select(value => (JsonNode)value)]) };
        }

        var schema = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean"), ["minLength"] = 1, ["maxLength"] = MaxLength };
        if (Pattern is not null)
        {
            schema["pattern"] = Pattern.ToString().Replace(@"\A", "^").Replace(@"\z", "$");
        }

        return schema;
    }

    public override object? Read(SpecNode node, string path, SpecProblems problems)
    {
        if (node is not ScalarNode { IsNothing: false } scalar || scalar.Text.Length == 0 || scalar.Text.Length > MaxLength)
        {
            return Refuse(node, path, problems);
        }

        if (Values is not null)
        {
            return Values.Contains(scalar.Text) ? scalar.Text : Refuse(node, path, problems, NearestName.Of(scalar.Text, Values));
        }

        var clean = scalar.Text.All(character => !char.IsControl(character) || Controls.Contains(character));
        return clean && Pattern?.IsMatch(scalar.Text) != false ? scalar.Text : Refuse(node, path, problems);
    }
}
