using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Sweeps;

/// <summary>Finds out how the lists of a section combine.</summary>
internal sealed class SweepReader
{
    private readonly SpecSection _section;
    private readonly SpecSection _sweep;
    private readonly SpecSection _random;
    private readonly DictionaryArchitecture _architecture;
    private readonly SpecProblems _problems;

    private SweepReader(SpecSection section, DictionaryArchitecture architecture, SpecProblems problems)
    {
        _section = section;
        _sweep = section.Get(SweepKeys.Sweep);
        _random = _sweep.Get(SweepKeys.Random);
        _architecture = architecture;
        _problems = problems;
    }

    /// <summary>What is wrong stands among the problems; a key without a right value has no axis.</summary>
    public static Sweep Read(SpecSection section, DictionaryArchitecture architecture, SpecProblems problems) =>
        new SweepReader(section, architecture, problems).Read();

    /// <summary>The key of an architecture that makes it sparse: k where it is given or there is nothing else.</summary>
    public static Key SparsityKey(SpecSection section, DictionaryArchitecture architecture)
    {
        if (architecture.Has(ArchitectureOptions.L0Coefficient))
        {
            return DictionaryKeys.L0Coefficient;
        }

        var random = section.Get(SweepKeys.Sweep).Get(SweepKeys.Random);
        var asked = architecture.Has(ArchitectureOptions.K) && (Asked(DictionaryKeys.K) || !architecture.Has(ArchitectureOptions.L1Coefficient));
        return asked ? DictionaryKeys.K : DictionaryKeys.L1Coefficient;

        // What stands in the section itself goes before what stands for all of them.
        bool Asked(Key key) => random.Gives(DrawOf(key)) || section.GivesItself(key)
            || (section.Gives(key) && !section.GivesItself(DictionaryKeys.L1Coefficient));
    }

    private static DrawKey DrawOf(Key key) => SweepKeys.Draws.First(draw => draw.Of == key);

    private Sweep Read()
    {
        var lists = Lists();
        var drawn = Drawn();
        var axes = new List<SweepAxis>();
        var groups = _sweep.TryGet(SweepKeys.Zip, out var names)
            ? names.Select(group => (IReadOnlyList<Key>)[.. group.Select(name => SweepKeys.Sweepable.First(key => key.Name == name))]).ToList()
            : [];
        foreach (var group in groups)
        {
            if (Zipped(group, lists, drawn) is { } axis)
            {
                axes.Add(axis);
            }
        }

        var zipped = groups.SelectMany(group => group).ToHashSet();
        axes.AddRange(lists.Where(list => !zipped.Contains(list.Key) && !drawn.Contains(list.Key))
            .Select(list => new SweepAxis([list.Key], [.. list.Value.Select(value => (IReadOnlyList<double>)[value])])));
        RefuseRepetitions(zipped);
        if (drawn.Count > 0 && DrawnAxis(drawn) is { } random)
        {
            axes.Add(random);
        }

        return new Sweep(axes);
    }

    /// <summary>The values of every key that the architecture has; its default where the spec does not say.</summary>
    private Dictionary<Key, IReadOnlyList<double>> Lists()
    {
        var sparsity = SparsityKey(_section, _architecture);
        var lists = new Dictionary<Key, IReadOnlyList<double>>();
        foreach (var key in SweepKeys.Sweepable.Where(key => Applies(key, sparsity)))
        {
            var value = key == DictionaryKeys.K && !_section.Gives(key) ? new List<long> { DictionaryDefinition.DefaultK } : _section.Find(key);
            if (value is IReadOnlyList<long> whole)
            {
                lists[key] = [.. whole.Select(number => (double)number)];
            }
            else if (value is IReadOnlyList<double> numbers)
            {
                lists[key] = numbers;
            }
        }

        return lists;
    }

    private bool Applies(Key key, Key sparsity) => key == DictionaryKeys.L1Coefficient || key == DictionaryKeys.L0Coefficient || key == DictionaryKeys.K
        ? key == sparsity
        : key.OnlyFor is null || key.OnlyFor.Contains(_architecture.Name);

    private SweepAxis? Zipped(IReadOnlyList<Key> group, Dictionary<Key, IReadOnlyList<double>> lists, HashSet<Key> drawn)
    {
        var node = _sweep.NodeOf(SweepKeys.Zip)!;
        var path = _sweep.PathOf(SweepKeys.Zip);
        if (group.FirstOrDefault(drawn.Contains) is { } random)
        {
            _problems.Add(node, $"{path}: {random.Name} is drawn at random", null, "keys with a list");
            return null;
        }

        if (group.FirstOrDefault(key => !_section.Gives(key)) is { } missing)
        {
            _problems.Add(node, $"{path}: {missing.Name} has no list", null, "keys that the section gives a list of");
            return null;
        }

        if (group.FirstOrDefault(key => !lists.ContainsKey(key)) is { } other)
        {
            if (_section.ValueOf(other) is not null) // else it is wrong, and that was said
            {
                _problems.Add(node, $"{path}: {other.Name} is not what makes these dictionaries sparse", null, Shown.OneOf(lists.Keys.Select(key => key.Name)));
            }

            return null;
        }

        if (group.Select(key => lists[key].Count).Distinct().Count() > 1)
        {
            _problems.Add(node, $"{path}: {string.Join(", ", group.Select(key => $"{key.Name} has {Values(lists[key].Count)}"))}", null, "lists of one length");
            return null;
        }

        return new SweepAxis(group, [.. Enumerable.Range(0, lists[group[0]].Count).Select(row => (IReadOnlyList<double>)[.. group.Select(key => lists[key][row])])]);
    }

    private static string Values(int count) => count == 1 ? "1 value" : $"{Shown.Number(count)} values";

    private HashSet<Key> Drawn()
    {
        var drawn = SweepKeys.Draws.Where(_random.Gives).ToList();
        foreach (var draw in drawn)
        {
            if (draw.OnlyFor is { } kinds && !kinds.Contains(_architecture.Name))
            {
                _problems.Add(_random.NodeOf(draw)!, $"{_random.PathOf(draw)}: architecture {_architecture.Name} has no such key", null, $"only where architecture is {string.Join(" or ", kinds)}");
            }
            else if (_section.GivesItself(draw.Of))
            {
                _problems.Add(_random.NodeOf(draw)!, $"{_random.PathOf(draw)}: {draw.Name} stands in the section too", null, "one of the two");
            }
        }

        return [.. drawn.Select(draw => draw.Of)];
    }

    private SweepAxis? DrawnAxis(HashSet<Key> drawn)
    {
        if (!_random.TryGet(SweepKeys.Points, out var points))
        {
            if (!_random.Gives(SweepKeys.Points))
            {
                _problems.Add(_random.Node!, $"missing key '{_random.PathOf(SweepKeys.Points)}'", null, SweepKeys.Points.Allowed);
            }

            return null;
        }

        var sources = SweepKeys.Draws.Where(draw => drawn.Contains(draw.Of)).Select(draw => (draw.Of, Source: _random.Find(draw) as DrawSource)).Where(draw => draw.Source is not null).ToList();
        if (sources.Count == 0 || !_random.TryGet(SweepKeys.Seed, out var seed))
        {
            return null;
        }

        var rows = Enumerable.Range(0, (int)points)
            .Select(point => (IReadOnlyList<double>)[.. sources.Select(draw => draw.Source!.Draw(draw.Of.Name, (ulong)seed, point))]);
        return new SweepAxis([.. sources.Select(draw => draw.Of)], [.. rows], IsDrawn: true);
    }

    /// <summary>In a list of its own a value that stands twice is a slip; beside another list it is not.</summary>
    private void RefuseRepetitions(HashSet<Key> zipped)
    {
        foreach (var key in SweepKeys.Sweepable.Where(key => !zipped.Contains(key) && _section.Gives(key)))
        {
            if (_section.NodeOf(key) is not ListNode list)
            {
                continue;
            }

            if (_section.ValueOf(key) is IReadOnlyList<long> whole)
            {
                ListKey<long>.RefuseRepetition(list, whole, _section.PathOf(key), _problems);
            }
            else if (_section.ValueOf(key) is IReadOnlyList<double> numbers)
            {
                ListKey<double>.RefuseRepetition(list, numbers, _section.PathOf(key), _problems);
            }
        }
    }
}
