using System.Diagnostics.CodeAnalysis;
using Orchestrator.Abstractions;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>The values of a section, read by its keys.</summary>
internal sealed class SpecSection
{
    private readonly Dictionary<Key, object?> _values = [];
    private readonly Dictionary<Key, SpecNode> _nodes = [];
    private readonly MappingNode? _mapping;

    private SpecSection(MappingNode? mapping) => _mapping = mapping;

    /// <summary>A section that was not given.</summary>
    public static SpecSection Empty { get; } = new(null);

    /// <summary>Reads every key; what is wrong, missing or unknown stands among the problems.</summary>
    /// <param name="path">Of the section; empty for the root.</param>
    public static SpecSection Read(MappingNode mapping, string path, SectionKey schema, SpecProblems problems)
    {
        var keys = schema.Keys;
        var section = new SpecSection(mapping);
        foreach (var (name, value) in mapping.Entries)
        {
            if (keys.FirstOrDefault(key => key.Name == name.Text) is { } key)
            {
                section._nodes[key] = value;
                section._values[key] = key.Read(value, Join(path, key.Name), problems);
            }
            else
            {
                var names = keys.Select(candidate => candidate.Name).ToList();
                problems.Add(name, $"unknown key {Shown.Quoted(name.Text)}{(path.Length == 0 ? "" : " in " + path)}", null,
                    Shown.OneOf(names), NearestName.Of(name.Text, names));
            }
        }

        section.CheckPresence(path, schema, problems);
        return section;
    }

    /// <summary>Whether the spec gives this key, right or wrong.</summary>
    public bool Gives(Key key) => _nodes.ContainsKey(key);

    /// <summary>The value given; null where it is wrong or not given.</summary>
    public object? ValueOf(Key key) => _values.GetValueOrDefault(key);

    /// <summary>The value given, or the default; false where it is wrong, or missing though required.</summary>
    public bool TryGet<T>(Key<T> key, [MaybeNullWhen(false)] out T value)
    {
        var raw = _values.TryGetValue(key, out var given) ? given : key.Default;
        value = raw is T typed ? typed : default;
        return raw is T;
    }

    /// <inheritdoc cref="TryGet{T}(Key{T}, out T)"/>
    public bool TryGet(IntegerKey key, out long value)
    {
        var right = TryGet<long?>(key, out var found);
        value = found ?? 0;
        return right;
    }

    /// <inheritdoc cref="TryGet{T}(Key{T}, out T)"/>
    public bool TryGet(BooleanKey key, out bool value)
    {
        var right = TryGet<bool?>(key, out var found);
        value = found ?? false;
        return right;
    }

    /// <summary>The value of a key that is known to be right.</summary>
    public T Get<T>(Key<T> key) =>
        TryGet(key, out var value) ? value : throw new InvalidOperationException($"The key {key.Name} has no value.");

    public long Get(IntegerKey key) => Get<long?>(key)!.Value;

    public double Get(NumberKey key) => Get<double?>(key)!.Value;

    public bool Get(BooleanKey key) => Get<bool?>(key)!.Value;

    public HookPoint Get(HookPointKey key) => Get<HookPoint?>(key)!.Value;

    /// <summary>A key's text; null where it is not given.</summary>
    public string? Find(TextKey key) => TryGet(key, out var value) ? value : null;

    /// <summary>A section's keys, all defaults where it is not given or wrong.</summary>
    public SpecSection Get(SectionKey key) => TryGet(key, out var section) ? section : Empty;

    /// <summary>Where to point: at the value, else at the section.</summary>
    public SpecNode? NodeOf(Key key) => _nodes.GetValueOrDefault(key) ?? _mapping;

    private void CheckPresence(string path, SectionKey schema, SpecProblems problems)
    {
        var kind = schema.Discriminator is { } discriminator && TryGet(discriminator, out var value) ? value : null;
        foreach (var key in schema.Keys)
        {
            var applies = key.OnlyFor is null || (kind is not null && key.OnlyFor.Contains(kind));
            if (!applies && kind is not null && _nodes.TryGetValue(key, out var node))
            {
                problems.Add(node, $"{Join(path, key.Name)}: {schema.Discriminator!.Name} {kind} has no such key", null,
                    $"only where {schema.Discriminator.Name} is {string.Join(" or ", key.OnlyFor!)}");
            }
            else if (applies && key.Required && !_nodes.ContainsKey(key))
            {
                problems.Add(_mapping!, $"missing key '{Join(path, key.Name)}'", null, key.Allowed);
            }
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
