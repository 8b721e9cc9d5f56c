using System.Text.Json.Nodes;
using Orchestrator.Planning.Specs.Sweeps;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Where random values of a key come from: a list of choices, or a range with a scale.</summary>
internal sealed class DrawKey : Key<DrawSource>
{
    private static readonly TextKey Scale = new("scale", "`linear`: every value is as likely; `log`: every order of magnitude is.") { Values = ["linear", "log"], Default = "linear" };

    private readonly Key _list;
    private readonly Key _element;
    private readonly Key _from;
    private readonly Key _to;
    private readonly SectionKey _range;

    /// <param name="of">A key of a list of numbers.</param>
    public DrawKey(Key of)
        : base(of.Name, $"Where values of {of.Name} are drawn from.")
    {
        (Of, _list) = (of, of);
        IsWhole = of is ListKey<long>;
        _element = of is ListKey<long> whole ? whole.Element : ((ListKey<double>)of).Element;
        _from = new BoundKey("from", "The smallest value.", _element);
        _to = new BoundKey("to", "The largest value.", _element);
        _range = new SectionKey(of.Name, "", _from, _to, Scale);
        OnlyFor = of.OnlyFor;
    }

    /// <summary>The key that gets the values.</summary>
    public Key Of { get; }

    /// <summary>Whether values are whole numbers.</summary>
    public bool IsWhole { get; }

    public override string Allowed => $"a list of values, or {{ from, to, scale: linear or log }}; a value is {_element.Allowed}";

    public override object? Read(SpecNode node, string path, SpecProblems problems)
    {
        if (node is ListNode)
        {
            return _list.Read(node, path, problems) switch
            {
                IReadOnlyList<long> values => new DrawSource([.. values.Select(value => (double)value)]),
                IReadOnlyList<double> values => new DrawSource(values),
                _ => null,
            };
        }

        if (node is not MappingNode mapping)
        {
            return Refuse(node, path, problems);
        }

        var range = SpecSection.Read(mapping, path, _range, problems);
        if (range.Find(_from) is not { } first || range.Find(_to) is not { } last || range.Find(Scale) is not { } scale)
        {
            return null;
        }

        var (from, to) = (Convert.ToDouble(first), Convert.ToDouble(last));
        if (from >= to)
        {
            problems.Add(range.NodeOf(_to)!, $"{path}.to: not above from", range.NodeOf(_to)!.Found, $"above {range.NodeOf(_from)!.Found}");
            return null;
        }

        if (scale == "log" && from <= 0)
        {
            problems.Add(range.NodeOf(_from)!, $"{path}.from: a logarithmic scale has no 0", range.NodeOf(_from)!.Found, "above 0");
            return null;
        }

        return new DrawSource(from, to, scale == "log", IsWhole);
    }

    public override JsonObject DescribeValue() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "array", ["items"] = _element.DescribeValue(), ["minItems"] = 1 },
            _range.DescribeValue()),
    };

    /// <summary>A bound of a range: what the element may be, under another name.</summary>
    private sealed class BoundKey : Key<object>
    {
        private readonly Key _element;

        public BoundKey(string name, string doc, Key element)
            : base(name, doc)
        {
            _element = element;
            Required = true;
        }

        public override string Allowed => _element.Allowed;

        public override object? Read(SpecNode node, string path, SpecProblems problems) => _element.Read(node, path, problems);

        public override JsonObject DescribeValue() => _element.DescribeValue();
    }
}
