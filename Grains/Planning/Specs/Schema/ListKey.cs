using System.Text.Json.Nodes;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>One value or a list of different values.</summary>
internal sealed class ListKey<T>(Key element, int maxCount) : Key<IReadOnlyList<T>>(element.Name, element.Doc)
{
    /// <summary>What stands in the list.</summary>
    public Key Element => element;

    /// <summary>An empty list is allowed.</summary>
    public bool MayBeEmpty { get; init; }

    /// <summary>A value may stand twice; whether it makes sense is for a rule to say.</summary>
    public bool MayRepeat { get; init; }

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
            if (element.Read(item, path, problems) is T value)
            {
                values.Add(value);
            }
        }

        if (values.Count < list.Items.Count)
        {
            return null;
        }

        if (!MayRepeat)
        {
            RefuseRepetition(list, values, path, problems);
        }

        return values;
    }

    /// <summary>Tells of every value that stood before.</summary>
    public static void RefuseRepetition(ListNode list, IReadOnlyList<T> values, string path, SpecProblems problems)
    {
        var seen = new HashSet<T>();
        foreach (var (item, value) in list.Items.Zip(values))
        {
            if (!seen.Add(value))
            {
                problems.Add(item, $"{path}: a value stands twice", item.Found, "different values");
            }
        }
    }

    protected override string Format(IReadOnlyList<T> value) => value.Count == 0 ? "none"
        : value.Count == 1 ? FormatOne(value[0])
        : $"[{string.Join(", ", value.Select(FormatOne))}]";

    private static string FormatOne(T value) => value switch
    {
        long whole => Shown.Number(whole),
        double number => Shown.Number(number),
        _ => value!.ToString()!,
    };

    public override JsonObject DescribeValue()
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = element.DescribeValue(), ["minItems"] = MayBeEmpty ? 0 : 1, ["maxItems"] = maxCount };
        if (!MayRepeat)
        {
            list["uniqueItems"] = true;
        }

        return new JsonObject { ["anyOf"] = new JsonArray(element.DescribeValue(), list) };
    }
}
