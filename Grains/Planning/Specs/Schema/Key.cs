using System.Text.Json.Nodes;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>
/// One key of a section: its type, range, default, unit and meaning. The reader, its messages, the reference for people
/// and the JSON Schema for editors are all made from this.
/// </summary>
internal abstract class Key(string name, string doc)
{
    /// <summary>snake_case.</summary>
    public string Name => name;

    /// <summary>One sentence.</summary>
    public string Doc => doc;

    public bool Required { get; init; }

    /// <summary>The values of the section's <see cref="SectionKey.Discriminator"/> that know this key; null: every one.</summary>
    public IReadOnlyList<string>? OnlyFor { get; init; }

    /// <summary>What may stand there, as a message says it.</summary>
    public abstract string Allowed { get; }

    /// <summary>The value where the key is not given; null: no value.</summary>
    public abstract object? DefaultValue { get; }

    /// <summary>The value where the key is not given, as the reference shows it; null: no value.</summary>
    public abstract string? DefaultText { get; }

    /// <summary>The value at a node; null where it is wrong, with the reason among the problems.</summary>
    /// <param name="path">The key with its sections: <c>model.training.tokens</c>.</param>
    public abstract object? Read(SpecNode node, string path, SpecProblems problems);

    /// <summary>The JSON Schema of what may stand there. It allows all that the reader does, and refuses what it can express.</summary>
    public JsonObject Describe()
    {
        var schema = DescribeValue();
        if (Doc.Length > 0)
        {
            schema["description"] = DefaultText is { } text ? $"{Doc} Default: {text}." : Doc;
        }

        return schema;
    }

    /// <summary>The same without a word for people.</summary>
    public abstract JsonObject DescribeValue();

    protected object? Refuse(SpecNode node, string path, SpecProblems problems, string? suggestion = null)
    {
        problems.Add(node, $"{path}: wrong value", node.Found, Allowed, suggestion);
        return null;
    }
}

/// <summary>A key whose value has a type.</summary>
internal abstract class Key<T>(string name, string doc) : Key(name, doc)
{
    /// <summary>Where the key is not given.</summary>
    public T? Default { get; init; }

    public override object? DefaultValue => Default;

    public override string? DefaultText => Default is null || Required ? null : Format(Default);

    protected virtual string Format(T value) => value!.ToString()!;
}
