using System.Diagnostics.CodeAnalysis;
using Orchestrator.Abstractions;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>The values of a section, read by its keys. What it does not say, another section may say for it.</summary>
internal sealed class SpecSection
{
    private readonly Dictionary<Key, object?> _values;
    private readonly Dictionary<Key, SpecNode> _nodes;
    private readonly MappingNode? _mapping;
    private readonly SpecSection? _defaults;

    /// <summary>The value of the discriminator; null: there is none, or it is wrong.</summary>
    private string? _kind;

    private SpecSection(MappingNode? mapping, string path, SpecSection? defaults)
        : this(mapping, path, defaults, [], [])
    {
    }

    private SpecSection(MappingNode? mapping, string path, SpecSection? defaults, Dictionary<Key, object?> values, Dictionary<Key, SpecNode> nodes) =>
        (_mapping, Path, _defaults, _values, _nodes) = (mapping, path, defaults, values, nodes);

    /// <summary>A section that was not given.</summary>
    public static SpecSection Empty { get; } = new(null, "", null);

    /// <summary>As messages name it: <c>model.training</c>, <c>dictionaries[1]</c>; empty for the root.</summary>
    public string Path { get; }

    /// <summary>Reads every key; what is wrong, missing or unknown stands among the problems.</summary>
    /// <param name="path">Of the section; empty for the root.</param>
    /// <param name="defaults">What holds where this section does not say otherwise, read by the same keys; null: nothing.</param>
    public static SpecSection Read(MappingNode mapping, string path, SectionKey schema, SpecProblems problems, SpecSection? defaults = null)
    {
        var keys = schema.Keys;
        var section = new SpecSection(mapping, path, defaults);
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

        section._kind = schema.Discriminator is { } discriminator && section.TryGet(discriminator, out var kind) ? kind : null;
        section.CheckPresence(schema, problems);
        return section;
    }

    /// <summary>Whether the spec gives this key, here or for all such sections, right or wrong.</summary>
    public bool Gives(Key key) => GivesItself(key) || Inherits(key);

    /// <summary>Whether the key stands in this section.</summary>
    public bool GivesItself(Key key) => _nodes.ContainsKey(key);

    /// <summary>The value given; null where it is wrong or not given.</summary>
    public object? ValueOf(Key key) => _values.TryGetValue(key, out var value) ? value : Inherits(key) ? _defaults.ValueOf(key) : null;

    /// <summary>The value given, or the default; null where it is wrong, or there is none.</summary>
    public object? Find(Key key) => Gives(key) ? ValueOf(key) : key.DefaultValue;

    /// <summary>The value given, or the default; false where it is wrong, or missing though required.</summary>
    public bool TryGet<T>(Key<T> key, [MaybeNullWhen(false)] out T value)
    {
        var found = Find((Key)key);
        value = found is T typed ? typed : default;
        return found is T;
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
    public SpecSection Get(SectionKey key)
    {
        var own = _values.GetValueOrDefault(key) as SpecSection;
        var inherited = Inherited(key) ? _defaults.Get(key) : null;
        return own is null ? inherited ?? Empty
            : inherited is null ? own
            : new SpecSection(own._mapping, own.Path, inherited, own._values, own._nodes);
    }

    /// <summary>Where to point: at the value, else at the section.</summary>
    public SpecNode? NodeOf(Key key) => _nodes.GetValueOrDefault(key) ?? (Inherits(key) ? _defaults.NodeOf(key) : _mapping);

    /// <summary>The key with its section, as messages name it.</summary>
    public string PathOf(Key key) => Inherits(key) ? _defaults.PathOf(key) : Join(Path, key.Name);

    /// <summary>Where the whole section stands; null where it was not given.</summary>
    public SpecNode? Node => _mapping;

    private void CheckPresence(SectionKey schema, SpecProblems problems)
    {
        foreach (var key in schema.Keys)
        {
            var applies = key.OnlyFor is null || (_kind is not null && key.OnlyFor.Contains(_kind));
            if (schema.Discriminator is not null && !applies && _kind is not null && _nodes.TryGetValue(key, out var node))
            {
                problems.Add(node, $"{Join(Path, key.Name)}: {schema.Discriminator.Name} {_kind} has no such key", null,
                    $"only where {schema.Discriminator.Name} is {string.Join(" or ", key.OnlyFor!)}");
            }
            else if (applies && key.Required && !Gives(key))
            {
                problems.Add(_mapping!, $"missing key '{Join(Path, key.Name)}'", null, key.Allowed);
            }
        }
    }

    [MemberNotNullWhen(true, nameof(_defaults))]
    private bool Inherits(Key key) => !GivesItself(key) && Inherited(key);

    /// <summary>Defaults may hold keys of other kinds: they are not meant for this one.</summary>
    [MemberNotNullWhen(true, nameof(_defaults))]
    private bool Inherited(Key key) => _defaults?.Gives(key) == true && (key.OnlyFor is null || _kind is null || key.OnlyFor.Contains(_kind));

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
