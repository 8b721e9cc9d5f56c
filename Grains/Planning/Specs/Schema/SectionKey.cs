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
}

/// <summary>A key whose value somebody else reads.</summary>
internal sealed class NodeKey(string name, string doc, string allowed) : Key<SpecNode>(name, doc)
{
    public override string Allowed => allowed;

    public override string? DefaultText => null;

    public override object? Read(SpecNode node, string path, SpecProblems problems) => node;
}
