using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Artefacts;

/// <summary>
/// What of a store is referred to: by names, by summaries, by whatever else the caller knows of, and by what all these
/// were made from. Where something cannot be read, nothing is said to be free.
/// </summary>
public sealed class ArtefactReferences
{
    private readonly StoreLayout _layout;
    private readonly Dictionary<StageKey, StageDefinition?> _artefacts;

    /// <summary>Reads every manifest of the store.</summary>
    /// <exception cref="InvalidDataException">A definition cannot be read, as one of a later version.</exception>
    public ArtefactReferences(ArtefactStore store)
    {
        _layout = store.Layout;
        var folders = Directory.Exists(_layout.Artefacts) ? Directory.EnumerateDirectories(_layout.Artefacts) : [];
        _artefacts = folders
            .Select(folder => Path.GetFileName(folder))
            .Where(StoreLayout.IsName)
            .Select(name => new StageKey(name))
            .ToDictionary(key => key, key => DefinitionOf(store, key));
    }

    /// <summary>Whether an experiment's summary is in the store; without one and not running, it is forgotten.</summary>
    public static bool HasSummary(StoreLayout layout, ExperimentId experiment) => File.Exists(layout.Summary(experiment));

    /// <summary>Artefacts that nothing refers to, in the order of their keys.</summary>
    /// <param name="wanted">What is referred to by somebody else, as by experiments that run.</param>
    /// <exception cref="InvalidDataException">A summary cannot be read.</exception>
    public IReadOnlyList<StageKey> Unreferenced(IEnumerable<StageKey> wanted)
    {
        var reached = new HashSet<StageKey>();
        var open = new Stack<StageKey>([.. wanted, .. Named(), .. Summaries().SelectMany(Referred)]);
        while (open.TryPop(out var key))
        {
            if (reached.Add(key) && _artefacts.GetValueOrDefault(key) is { } definition)
            {
                foreach (var dependency in definition.DependsOn)
                    open.Push(dependency);
            }
        }

        return [.. _artefacts.Keys.Where(key => !reached.Contains(key)).OrderBy(key => key.Value, StringComparer.Ordinal)];
    }

    private static StageDefinition? DefinitionOf(ArtefactStore store, StageKey key)
    {
        try
        {
            return store.ReadManifest(key) is { } manifest ? StageDefinition.FromJson(manifest.Definition.GetRawText()) : null;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The definition of {key} cannot be read, so that it is not known what it refers to: {exception.Message}", exception);
        }
    }

    private IEnumerable<StageKey> Named()
    {
        var names = new DictionaryNames(_layout);
        return names.All().Select(names.Find).OfType<DictionaryId>().Select(dictionary => dictionary.Stage);
    }

    private IReadOnlyList<ExperimentSummary> Summaries()
    {
        var folder = Path.Combine(_layout.Root, "experiments");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Select(experiment => Path.Combine(experiment, "summary.json")).Where(File.Exists).Select(Read)]
            : [];
    }

    private static ExperimentSummary Read(string path)
    {
        try
        {
            return ResultJson.Read<ExperimentSummary>(path);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path} cannot be read, so that it is not known what it refers to: {exception.Message}", exception);
        }
    }

    private IEnumerable<StageKey> Referred(ExperimentSummary summary)
    {
        var models = summary.Models.Select(model => model.Id);
        var dictionaries = summary.Dictionaries.SelectMany(dictionary => new[] { dictionary.Id, dictionary.Model });
        var inputs = summary.Analyses.SelectMany(analysis => analysis.Inputs);
        var analyses = _artefacts.Where(artefact => artefact.Value is AnalysisStage stage && summary.Analyses.Any(analysis => IsOf(analysis, stage)));
        return models.Concat(dictionaries).Concat(inputs).Select(id => new StageKey(id)).Concat(analyses.Select(artefact => artefact.Key));
    }

    /// <summary>A summary names an analysis by its kind and its dictionaries, not by its artefact.</summary>
    private static bool IsOf(AnalysisSummary analysis, AnalysisStage stage) =>
        analysis.Kind == stage.Kind && analysis.Inputs.SequenceEqual(stage.Dictionaries.Select(dictionary => dictionary.Value));
}
