using System.Numerics;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>Where the parameters of a dictionary on the CPU lie, and the shapes that a rule has to know.</summary>
internal sealed unsafe class HostBinding<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public required SparseDictionary Dictionary { get; init; }

    /// <summary>Tokens of a batch at most.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Tokens of a segment at most.</summary>
    public required int TokensPerSegment { get; init; }

    /// <summary>Step at which each feature last fired, [F]; null at inference.</summary>
    public required long* LastFired { get; init; }

    public DictionaryDefinition Definition => Dictionary.Definition;

    public int FeatureCount => Dictionary.FeatureCount;

    /// <summary>Segments of a batch at most.</summary>
    public int Segments => (BatchSize + TokensPerSegment - 1) / TokensPerSegment;

    /// <summary>A feature vector, [F], of the dictionary.</summary>
    public T* Vector(string name) => HostPointer.To<T>(Dictionary.Vector(name));
}
