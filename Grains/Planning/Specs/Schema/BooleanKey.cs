using System.Text.Json.Nodes;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary><c>true</c> or <c>false</c>; YAML's older <c>yes</c> and <c>on</c> are refused with the right word.</summary>
internal sealed class BooleanKey(string name, string doc) : Key<bool?>(name, doc)
{
    public override string Allowed => "true or false";

    public override object? Read(SpecNode node, string path, SpecProblems problems) =>
        (node is ScalarNode { Plain: true } scalar ? scalar.Text : "") switch
        {
            "true" => true,
            "false" => false,
            "True" or "TRUE" or "yes" or "Yes" or "on" or "On" => Refuse(node, path, problems, "true"),
            "False" or "FALSE" or "no" or "No" or "off" or "Off" => Refuse(node, path, problems, "false"),
            _ => Refuse(node, path, problems),
        };

    public override JsonObject DescribeValue() => new() { ["type"] = "boolean" };

    protected override string Format(bool? value) => value!.Value ? "true" : "false";
}
