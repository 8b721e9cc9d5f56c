using Orchestrator.Planning.Specs.Schema;

namespace Orchestrator.Planning.Specs.Sweeps;

/// <summary>One value of each key that a section can sweep and that has a right value.</summary>
/// <param name="Values">Of this point.</param>
/// <param name="Base">The same, but for what goes with the size, which is that of the first size: equal for dictionaries that differ in size only.</param>
internal sealed record SweepPoint(IReadOnlyDictionary<Key, double> Values, IReadOnlyDictionary<Key, double> Base)
{
    public bool TryGet(Key key, out double value) => Values.TryGetValue(key, out value);
}
