using System.Text.Json.Nodes;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>A key whose value is a section of keys; where it is not given, each of its keys has its default.</summary>
internal sealed class SectionKey(string name, string doc, params Key[] keys) : Key<SpecSection>(name, doc)
{
    public IReadOnlyList<Key> Keys => keys;

    /// <summary>The key of the section whose value decides which of the others there are; null: all are.</summary>
    public TextKey? Discriminator { get; init; }

    public override string Allowed => "a mapping of " + Shown.OneOf(keys.Select(key => key.Name));

    public override string? DefaultText => null;

    public override object? Read(SpecNode node, string path, SpecProblems problems) =>
        node is MappingNode mapping ? SpecSection.Read(mapping, path, this, problems) : Refuse(node, path, problems);

    public override JsonObject DescribeValue()
    {
        var properties = new JsonObject([.. keys.Select(key => KeyValuePair.Create(key.Name, (JsonNode?)key.Describe()))]);
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        var required = keys.Where(key => key.Required && key.OnlyFor is null).Select(key => (JsonNode)key.Name).ToList();
        if (required.Count > 0)
        {
            schema["required"] = new JsonArray([.. required]);
        }

        var conditions = Discriminator is null ? [] : keys.Where(key => key.OnlyFor is not null).Select(Condition).ToList();
        if (conditions.Count > 0)
        {
            schema["allOf"] = new JsonArray([.. conditions]);
        }

        return schema;
    }

    /// <summary>Where the discriminator has another value, there is no such key; where it has a right one, what is required must be there.</summary>
    private JsonNode Condition(Key key)
    {
        var known = new JsonObject { ["enum"] = new JsonArray([.. key.OnlyFor!.Select(value => (JsonNode)value)]) };
        var condition = new JsonObject
        {
            ["if"] = new JsonObject { ["properties"] = new JsonObject { [Discriminator!.Name] = known }, ["required"] = new JsonArray(Discriminator.Name) },
        };
        if (key.Required)
        {
            condition["then"] = new JsonObject { ["required"] = new JsonArray(key.Name) };
        }

        condition["else"] = new JsonObject
        {
            ["if"] = new JsonObject { ["required"] = new JsonArray(Discriminator.Name) },
            ["then"] = new JsonObject { ["properties"] = new JsonObject { [key.Name] = false } },
        };
        return condition;
    }
}
