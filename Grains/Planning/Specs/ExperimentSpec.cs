using System.Text.Json;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Planning.Specs;

/// <summary>A spec that was read without a mistake: every value is in its range and every file it names was there.</summary>
public sealed record ExperimentSpec
{
    /// <summary>First part of the experiment's id.</summary>
    public required string Name { get; init; }

    /// <summary>For people; null where not given.</summary>
    public string? Description { get; init; }

    /// <summary>The spec as it was written, kept for the record.</summary>
    public required string Text { get; init; }

    /// <summary>Without a fingerprint: the planner adds it.</summary>
    public required CorpusDefinition Corpus { get; init; }

    public required TokenizerDefinition Tokenizer { get; init; }

    public required ModelSweep Models { get; init; }

    /// <summary>For each model; the planner replaces its seed.</summary>
    public required HarvestDefinition Harvest { get; init; }

    public required DictionarySweep Dictionaries { get; init; }

    public required EvaluationDefinition Evaluation { get; init; }

    /// <summary>In the spec's order.</summary>
    public required IReadOnlyList<AnalysisRequest> Analyses { get; init; }

    /// <summary>What it asks of the cluster.</summary>
    public required RunDemand Demand { get; init; }

    /// <summary>How the dictionaries on one model compete; null: each is trained to its end.</summary>
    public EarlyStop? EarlyStop { get; init; }
}

/// <summary>One architecture, trained from several seeds.</summary>
/// <param name="Architecture">Of every model.</param>
/// <param name="Training">Of every model.</param>
/// <param name="Seeds">One model for each, at least one, all different.</param>
/// <param name="RandomTwin">Whether the first seed's model gets a twin with shuffled weights.</param>
public sealed record ModelSweep(
    TransformerDefinition Architecture,
    TransformerTrainingDefinition Training,
    IReadOnlyList<ulong> Seeds,
    bool RandomTwin);

/// <summary>An analysis that the spec asks for.</summary>
/// <param name="Kind">As a plugin's manifest names it.</param>
/// <param name="Options">Those that the spec gives, by name, each of its declared type and in its range.</param>
public sealed record AnalysisRequest(string Kind, IReadOnlyDictionary<string, JsonElement> Options);
