using Orchestrator.Planning.Specs.Schema;

namespace Orchestrator.Planning.Specs.Sweeps;

/// <summary>Values that go together; every row of one axis meets every row of the others.</summary>
/// <param name="Keys">What there is a value of.</param>
/// <param name="Rows">Each as many values as there are keys.</param>
/// <param name="IsDrawn">At random: then nothing but the size may differ between dictionaries that are compared by size.</param>
internal sealed record SweepAxis(IReadOnlyList<Key> Keys, IReadOnlyList<IReadOnlyList<double>> Rows, bool IsDrawn = false)
{
    /// <summary>For people: <c>3 feature_count</c>, <c>3 feature_count with k</c>.</summary>
    public string Text => $"{Yaml.Shown.Number(Rows.Count)} {(IsDrawn ? "random points" : string.Join(" with ", Keys.Select(key => key.Name)))}";
}
