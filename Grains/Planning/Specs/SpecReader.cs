using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plugins;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs;

/// <summary>
/// Reads a spec and finds every mistake in it at once. Any input gives a reading: nothing is thrown, and time and
/// memory are bounded.
/// </summary>
public static class SpecReader
{
    /// <summary>Mistakes that are told one by one; the rest are counted.</summary>
    public const int MaxProblems = 100;

    /// <summary>Reads a file.</summary>
    /// <param name="path">As the user wrote it; messages repeat it.</param>
    /// <param name="plugins">Which analyses there are, with their options.</param>
    /// <param name="stored">The store's dictionaries, which a spec may name; null: there are none.</param>
    public static SpecReading ReadFile(string path, PluginCatalog plugins, StoredDictionaries? stored = null)
    {
        var problems = new SpecProblems(path);
        var text = SpecText.Load(path, problems);
        return text is null
            ? problems.ToReading()
            : Read(text, Path.GetDirectoryName(Path.GetFullPath(path))!, plugins, stored, problems);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="file">How messages name it.</param>
    /// <param name="folder">What its relative paths are relative to.</param>
    /// <param name="plugins">Which analyses there are, with their options.</param>
    /// <param name="stored">The store's dictionaries, which a spec may name; null: there are none.</param>
    public static SpecReading ReadText(string text, string file, string folder, PluginCatalog plugins, StoredDictionaries? stored = null)
    {
        var problems = new SpecProblems(file);
        return SpecText.Check(text, problems) ? Read(text, folder, plugins, stored, problems) : problems.ToReading();
    }

    private static SpecReading Read(
        string text, string folder, PluginCatalog plugins, StoredDictionaries? stored, SpecProblems problems)
    {
        if (SpecNodeReader.Read(text, problems) is not { } node)
        {
            return problems.ToReading();
        }

        if (node is not MappingNode mapping)
        {
            problems.Add(node, "the spec is not a mapping", node.Found, SpecSchema.Root.Allowed);
            return problems.ToReading();
        }

        var root = SpecSection.Read(mapping, "", SpecSchema.Root, problems);
        var paths = CorpusPaths.Resolve(root.Get(SpecSchema.Corpus), folder, problems);
        var blocks = DictionaryBlock.ReadAll(root, problems);
        var analyses = AnalysisReader.Read(root, plugins, problems);
        var imported = blocks.SelectMany(block => ImportedReader.Read(block.Section, stored, problems)).DistinctBy(dictionary => dictionary.Key).ToList();
        SpecRules.Check(root, blocks, problems);
        if (problems.Any)
        {
            return problems.ToReading();
        }

        var spec = SpecAssembly.Build(root, text, paths, blocks, imported, analyses);
        AnalysisReader.CheckInputs(root, plugins, spec, problems);
        return problems.Any ? problems.ToReading() : SpecReading.Of(spec);
    }
}
