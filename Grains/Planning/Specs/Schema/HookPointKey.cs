using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Abstractions;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>A place in the model by its TransformerLens name. Whether the model has the layer is a rule of its own.</summary>
internal sealed class HookPointKey(string name, string doc) : Key<HookPoint?>(name, doc)
{
    public override string Allowed => $"{HookPoint.Forms}, where L is a layer, from 0";

    public override object? Read(SpecNode node, string path, SpecProblems problems)
    {
        var text = node is ScalarNode scalar ? scalar.Text : "";
        return HookPoint.TryParse(text, out var hookPoint)
            ? hookPoint
            : Refuse(node, path, problems, NearestName.Of(text, HookPoint.NamesIn(LayerIn(text))));
    }

    public override JsonObject DescribeValue() => new()
    {
        ["type"] = "string",
        ["pattern"] = $"^({string.Join('|', HookPoint.NamesIn(0).Select(name => Regex.Escape(name).Replace("0", @"\d+")))})$",
    };

    protected override string Format(HookPoint? value) => value!.Value.ToString();

    /// <summary>The layer that a name, otherwise wrong, seems to mean.</summary>
    private static int LayerIn(string text)
    {
        var digits = string.Concat(text.SkipWhile(character => !char.IsAsciiDigit(character)).TakeWhile(char.IsAsciiDigit));
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : 0;
    }
}
