using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>A whole number; <c>1_000_000</c>, <c>1e6</c> and <c>2.5e5</c> are as good as <c>1000000</c>.</summary>
internal sealed partial class IntegerKey(string name, string doc, long minimum, long maximum) : Key<long?>(name, doc)
{
    private const int MaxLength = 40;

    public override string Allowed => minimum == maximum
        ? Shown.Number(minimum)
        : $"a whole number from {Shown.Number(minimum)} to {Shown.Number(maximum)}";

    public override object? Read(SpecNode node, string path, SpecProblems problems)
    {
        if (node is not ScalarNode { Plain: true, Text.Length: <= MaxLength } scalar || !WholeNumber().IsMatch(scalar.Text))
        {
            return Refuse(node, path, problems);
        }

        // Decimal holds every long exactly and fails, instead of rounding, beyond its own range.
        return decimal.TryParse(scalar.Text.Replace("_", ""), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && decimal.IsInteger(value) && value >= minimum && value <= maximum
            ? (long)value
            : Refuse(node, path, problems);
    }

    // Editors take 1_000_000 for text, as YAML's core schema does.
    public override JsonObject DescribeValue() => new()
    {
        ["type"] = new JsonArray("integer", "string"),
        ["minimum"] = minimum,
        ["maximum"] = maximum,
        ["pattern"] = @"^[+-]?\d+(_\d+)+(\.\d+)?([eE]\+?\d{1,2})?$",
    };

    protected override string Format(long? value) => Shown.Number(value!.Value);

    [GeneratedRegex(@"^[+-]?\d+(_\d+)*(\.\d+)?([eE]\+?\d{1,2})?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex WholeNumber();
}
