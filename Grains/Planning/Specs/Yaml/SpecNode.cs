namespace Orchestrator.Planning.Specs.Yaml;

/// <summary>A piece of a spec with its place. An alias is the node it names, so that a node may have several parents.</summary>
/// <param name="line">From 1.</param>
/// <param name="column">From 1.</param>
/// <param name="size">Nodes it holds with every alias written out, itself included.</param>
internal abstract class SpecNode(int line, int column, long size)
{
    public int Line => line;

    public int Column => column;

    public long Size => size;

    /// <summary>What a message says was found here.</summary>
    public abstract string Found { get; }

    /// <summary>Nothing was written: <c>key:</c>, <c>key: ~</c> or <c>key: null</c>.</summary>
    public virtual bool IsNothing => false;
}

/// <summary>A value without parts.</summary>
/// <param name="plain">Written without quotes, so that it may be a number or a truth value.</param>
internal sealed class ScalarNode(int line, int column, string text, bool plain) : SpecNode(line, column, 1)
{
    public string Text => text;

    public bool Plain => plain;

    public override bool IsNothing => plain && text is "" or "~" or "null" or "Null" or "NULL";

    public override string Found => IsNothing ? "nothing" : Shown.Quoted(text);
}

/// <summary>A list.</summary>
internal sealed class ListNode(int line, int column, IReadOnlyList<SpecNode> items)
    : SpecNode(line, column, 1 + items.Sum(item => item.Size))
{
    private const int MaxShown = 8;

    public IReadOnlyList<SpecNode> Items => items;

    public override string Found => items.Count <= MaxShown && items.All(item => item is ScalarNode)
        ? $"[{string.Join(", ", items.Cast<ScalarNode>().Select(item => Shown.Text(item.Text)))}]"
        : items.Count == 1 ? "a list of one" : $"a list of {items.Count}";
}

/// <summary>Keys with values; every key stands once.</summary>
internal sealed class MappingNode(int line, int column, IReadOnlyList<SpecEntry> entries)
    : SpecNode(line, column, 1 + entries.Sum(entry => 1 + entry.Value.Size))
{
    public IReadOnlyList<SpecEntry> Entries => entries;

    public override string Found => entries.Count == 0 ? "an empty mapping" : $"a mapping with {Shown.Quoted(entries[0].Key.Text)}";
}

/// <summary>A key with its value.</summary>
internal readonly record struct SpecEntry(ScalarNode Key, SpecNode Value);
