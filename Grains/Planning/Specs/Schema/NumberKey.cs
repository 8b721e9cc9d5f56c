using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>A finite number.</summary>
internal sealed partial class NumberKey(string name, string doc, double minimum, double maximum) : Key<double?>(name, doc)
{
    private const int MaxLength = 40;

    /// <summary>The minimum itself is not allowed.</summary>
    public bool AboveMinimum { get; init; }

    /// <summary>The maximum itself is not allowed.</summary>
    public bool BelowMaximum { get; init; }

    public override string Allowed => (minimum, maximum) switch
    {
        (double.MinValue, double.MaxValue) => "a finite number",
        (_, double.MaxValue) => $"a number {Lower}",
        (double.MinValue, _) => $"a number {Upper}",
        _ => $"a number {Lower} and {Upper}",
    };

    private string Lower => $"{(AboveMinimum ? "above" : "of at least")} {Shown.Number(minimum)}";

    private string Upper => $"{(BelowMaximum ? "below" : "of at most")} {Shown.Number(maximum)}";

    public override object? Read(SpecNode node, string path, SpecProblems problems)
    {
        if (node is not ScalarNode { Plain: true, Text.Length: <= MaxLength } scalar || !DecimalNumber().IsMatch(scalar.Text)
            || !double.TryParse(scalar.Text.Replace("_", ""), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            || !double.IsFinite(value))
        {
            return Refuse(node, path, problems);
        }

        var inside = (AboveMinimum ? value > minimum : value >= minimum) && (BelowMaximum ? value < maximum : value <= maximum);
        return inside ? value + 0.0 : Refuse(node, path, problems); // + 0.0: minus zero is zero
    }

    public override JsonObject DescribeValue()
    {
        var schema = new JsonObject { ["type"] = new JsonArray("number", "string"), ["pattern"] = @"^[+-]?\d+(_\d+)+\.?\d*([eE][+-]?\d{1,3})?$" };
        if (minimum > double.MinValue)
        {
            schema[AboveMinimum ? "exclusiveMinimum" : "minimum"] = minimum;
        }

        if (maximum < double.MaxValue)
        {
            schema[BelowMaximum ? "exclusiveMaximum" : "maximum"] = maximum;
        }

        return schema;
    }

    protected override string Format(double? value) => Shown.Number(value!.Value);

    [GeneratedRegex(@"^[+-]?(\d+(_\d+)*\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex DecimalNumber();
}
