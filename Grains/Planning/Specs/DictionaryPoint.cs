using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Planning.Specs;

/// <summary>The dictionaries of every model.</summary>
/// <param name="Points">Those that are trained, in the order of sections, then of size and sparsity, all different.</param>
/// <param name="Imported">Dictionaries of the store that the analyses are to see too.</param>
/// <param name="Seed">The first section's, for analyses of imported ones.</param>
public sealed record DictionarySweep(IReadOnlyList<DictionaryPoint> Points, IReadOnlyList<StoredDictionary> Imported, ulong Seed);

/// <summary>A dictionary that is trained on each model.</summary>
/// <param name="Definition">Whole, except that the planner derives the seed from this one and the model's.</param>
/// <param name="OnRandomTwin">Whether it is trained on the random twin too.</param>
/// <param name="Family">What labels say before its size; empty where all are of one family.</param>
/// <param name="Details">What labels say after its size: what varies beside it, such as <c>λ 0.002</c>.</param>
/// <param name="Variant">Equal for dictionaries that differ in size only, and in what the spec gives each size.</param>
public sealed record DictionaryPoint(DictionaryDefinition Definition, bool OnRandomTwin, string Family, IReadOnlyList<string> Details, string Variant);
