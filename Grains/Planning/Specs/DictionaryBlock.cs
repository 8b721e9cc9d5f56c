using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Sweeps;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs;

/// <summary>A section of <c>dictionaries</c>, read.</summary>
/// <param name="Section">Its keys, and those said for all sections.</param>
/// <param name="Architecture">Null where it is wrong.</param>
/// <param name="Points">What its sweep comes to; none where the architecture is wrong, nothing is trained, or there are too many.</param>
internal sealed record DictionaryBlock(SpecSection Section, DictionaryArchitecture? Architecture, Sweep? Sweep, IReadOnlyList<SweepPoint> Points)
{
    /// <summary>A section trains dictionaries, or only names imported ones.</summary>
    public bool Trains => Section.Gives(DictionaryKeys.FeatureCount) || Section.Get(SweepKeys.Sweep).Gives(SweepKeys.Random) || !Section.Gives(DictionaryKeys.Imported);

    /// <summary>Every section of a spec.</summary>
    public static IReadOnlyList<DictionaryBlock> ReadAll(SpecSection root, SpecProblems problems)
    {
        if (!root.TryGet(SpecSchema.Dictionaries, out var node))
        {
            return [];
        }

        var defaults = root.Get(SpecSchema.Defaults).Get(SpecSchema.DictionaryDefaults);
        return [.. SpecSchema.Dictionaries.ReadAll(node, defaults, problems).Select(section => Of(section, problems))];
    }

    private static DictionaryBlock Of(SpecSection section, SpecProblems problems)
    {
        if (!section.TryGet(DictionaryKeys.Architecture, out var name) || DictionaryArchitecture.Find(name) is not { } architecture)
        {
            return new DictionaryBlock(section, null, null, []);
        }

        var sweep = SweepReader.Read(section, architecture, problems);
        return new DictionaryBlock(section, architecture, sweep, sweep.Count <= SweepKeys.MaxPoints && sweep.Axes.Any(axis => axis.Keys.Contains(DictionaryKeys.FeatureCount)) ? sweep.Points() : []);
    }
}
