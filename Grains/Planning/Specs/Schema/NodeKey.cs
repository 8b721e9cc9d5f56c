using System.Text.Json.Nodes;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>A key whose value somebody else reads.</summary>
/// <param name="describe">The JSON Schema of what may stand there.</param>
internal sealed class NodeKey(string name, string doc, string allowed, Func<JsonObject> describe) : Key<SpecNode>(name, doc)
{
    public override string Allowed => allowed;

    public override string? DefaultText => null;

    public override object? Read(SpecNode node, string path, SpecProblems problems) => node;

    public override JsonObject DescribeValue() => describe();
}
