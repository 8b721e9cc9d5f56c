using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Training;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>What a rule in tensors has to know of the dictionary and its trainer.</summary>
internal sealed record TensorBinding(SparseDictionary Dictionary, OptimiserState State)
{
    public DictionaryDefinition Definition => Dictionary.Definition;

    /// <summary>A feature vector, [F], live.</summary>
    public Tensor Vector(string name) => Dictionary.Vector(name);
}
