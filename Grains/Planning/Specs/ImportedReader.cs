using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs;

/// <summary>Finds the dictionaries of the store that a spec names.</summary>
internal static class ImportedReader
{
    public static IReadOnlyList<StoredDictionary> Read(SpecSection section, StoredDictionaries? stored, SpecProblems problems)
    {
        if (!section.Gives(DictionaryKeys.Imported) || !section.TryGet(DictionaryKeys.Imported, out var names))
        {
            return [];
        }

        var found = new List<StoredDictionary>();
        foreach (var name in names)
        {
            if (stored?.Find(name) is { } dictionary)
            {
                found.Add(dictionary);
                continue;
            }

            var known = stored?.Names ?? [];
            problems.Add(section.NodeOf(DictionaryKeys.Imported)!, $"{section.PathOf(DictionaryKeys.Imported)}: the store has no dictionary {Shown.Quoted(name)}", null,
                known.Count == 0 ? "the id of a dictionary, or a name given with import --as" : Shown.OneOf(known.Take(20)), NearestName.Of(name, known));
        }

        return found;
    }
}
