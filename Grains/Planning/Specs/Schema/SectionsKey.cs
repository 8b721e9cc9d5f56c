using System.Text.Json.Nodes;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>
/// A key whose value is a section, or a list of sections; what one of them leaves out may be said once elsewhere, so that
/// they are read when that is known.
/// </summary>
internal sealed class SectionsKey(SectionKey section, int maxCount) : Key<SpecNode>(section.Name, section.Doc)
{
    /// <summary>Each of them.</summary>
    public SectionKey Section => section;

    public override string Allowed => $"{section.Allowed}, or a list of 1 to {Shown.Number(maxCount)} such mappings";

    public override string? DefaultText => null;

    public override object? Read(SpecNode node, string path, SpecProblems problems) => node;

    /// <summary>The sections, in order; those that are wrong are left out, with the reason among the problems.</summary>
    /// <param name="node">What stands there.</param>
    /// <param name="defaults">What holds for each that does not say otherwise.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public IReadOnlyList<SpecSection> ReadAll(SpecNode node, SpecSection defaults, SpecProblems problems)
    {
        if (node is MappingNode single)
        {
            return [SpecSection.Read(single, Name, section, problems, defaults)];
        }

        if (node is not ListNode { Items.Count: > 0 } list || list.Items.Count > maxCount)
        {
            Refuse(node, Name, problems);
            return [];
        }

        var sections = new List<SpecSection>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (list.Items[i] is MappingNode mapping)
            {
                sections.Add(SpecSection.Read(mapping, $"{Name}[{i}]", section, problems, defaults));
            }
            else
            {
                problems.Add(list.Items[i], $"{Name}[{i}]: wrong value", list.Items[i].Found, section.Allowed);
            }
        }

        return sections;
    }

    /// <summary>Refers to a definition of the section's name, which whoever writes the whole schema adds.</summary>
    public override JsonObject DescribeValue() => new()
    {
        ["anyOf"] = new JsonArray(
            Reference(),
            new JsonObject { ["type"] = "array", ["items"] = Reference(), ["minItems"] = 1, ["maxItems"] = maxCount }),
    };

    private JsonObject Reference() => new() { ["$ref"] = $"#/definitions/{Name}" };
}
