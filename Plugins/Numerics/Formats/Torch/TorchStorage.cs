using Orchestrator.Numerics.Formats.Torch.Pickle;
using Orchestrator.Numerics.Formats.Torch.Zip;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>Elements in a record of the archive, of which tensors are views.</summary>
/// <param name="record">Where they are; its length has been checked.</param>
/// <param name="type">Type of the elements.</param>
/// <param name="isUntyped">The storage is one of bytes, whose tensors may say a type of their own.</param>
internal sealed class TorchStorage(StoredRecord record, ScalarType type, bool isUntyped) : PickleObject
{
    public StoredRecord Record { get; } = record;

    public ScalarType Type { get; } = type;

    public bool IsUntyped { get; } = isUntyped;

    public override string Kind => "a storage";
}
