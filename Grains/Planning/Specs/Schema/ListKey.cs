using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>One value or a list of different values.</summary>
internal sealed class ListKey<T>(Key element, int maxCount) : Key<IReadOnlyList<T>>(element.Name, element.Doc)
{
    /// <summary>An empty list is allowed.</summary>
    public bool MayBeEmpty { get; init; }

    public override string Allowed => $"{element.Allowed}, or a list of {(MayBeEmpty ? "at most" : "1 to")} {Shown.Number(maxCount)} such values";

    public override object? Read(SpecNode node, string path, SpecProblems problems)
    {
        if (node is not ListNode list)
        {
            return element.Read(node, path, problems) is T single ? new List<T> { single } : null;
        }

        if (list.Items.Count > maxCount || (list.Items.Count == 0 && !MayBeEmpty))
        {
            return Refuse(node, path, problems);
        }

        var values = new List<T>();
        foreach (var item in list.Items)
        {
            if (element.Read(item, path, problems) is not T value)
            {
                continue;
            }

            if (values.Contains(value))
            {
                problems.Add(item, $"{path}: a value stands twice", item.Found, "different values");
            }

            values.Add(value);
        }

        return values.Count == list.Items.Count ? values : null;
    }

    protected override string Format(IReadOnlyList<T> value) => value.Count == 0 ? "none" : $"[{string.Join(", ", value)}]";
}
