using System.Text.Json.Nodes;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Groups of at least two keys each: one list of names, or a list of such lists.</summary>
internal sealed class ZipKey(string name, string doc, IReadOnlyList<string> names) : Key<IReadOnlyList<IReadOnlyList<string>>>(name, doc)
{
    private const int Fewest = 2;

    private readonly ListKey<string> _group = new(new TextKey(name, "") { Values = names }, names.Count);

    public override string Allowed => $"a list of two or more of {Shown.OneOf(names)}, or a list of such lists";

    public override object? Read(SpecNode node, string path, SpecProblems problems)
    {
        if (node is not ListNode { Items.Count: > 0 } list)
        {
            return Refuse(node, path, problems);
        }

        var nested = list.Items.All(item => item is ListNode);
        var groups = (nested ? list.Items : [list]).Select(item => ReadGroup((ListNode)item, path, problems)).ToList();
        if (groups.Contains(null))
        {
            return null;
        }

        var twice = groups.SelectMany(group => group!).GroupBy(key => key).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            problems.Add(node, $"{path}: {twice.Key} stands in two groups", node.Found, "each key in one group");
            return null;
        }

        return groups.ConvertAll(group => group!);
    }

    private IReadOnlyList<string>? ReadGroup(ListNode list, string path, SpecProblems problems)
    {
        if (list.Items.Count < Fewest)
        {
            Refuse(list, path, problems);
            return null;
        }

        return (IReadOnlyList<string>?)_group.Read(list, path, problems);
    }

    public override JsonObject DescribeValue()
    {
        JsonObject Group() => new()
        {
            ["type"] = "array",
            ["items"] = new JsonObject { ["enum"] = new JsonArray([.. names.Select(key => (JsonNode)key)]) },
            ["minItems"] = Fewest,
            ["uniqueItems"] = true,
        };
        return new JsonObject { ["anyOf"] = new JsonArray(Group(), new JsonObject { ["type"] = "array", ["items"] = Group(), ["minItems"] = 1 }) };
    }
}
