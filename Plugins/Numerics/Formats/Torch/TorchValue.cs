using System.Numerics;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>A value of a PyTorch archive that is neither a tensor nor holds any.</summary>
public abstract record TorchValue
{
    private protected TorchValue()
    {
    }

    /// <summary>What messages call it.</summary>
    internal abstract string Kind { get; }

    /// <summary>Python's <c>None</c>.</summary>
    public sealed record None : TorchValue
    {
        internal override string Kind => "None";
    }

    /// <summary>A <c>bool</c>.</summary>
    public sealed record Boolean(bool Value) : TorchValue
    {
        internal override string Kind => "a bool";
    }

    /// <summary>An <c>int</c>, which Python does not bound.</summary>
    public sealed record Integer(BigInteger Value) : TorchValue
    {
        internal override string Kind => "an int";
    }

    /// <summary>A <c>float</c>.</summary>
    public sealed record Number(double Value) : TorchValue
    {
        internal override string Kind => "a float";
    }

    /// <summary>A <c>str</c>.</summary>
    public sealed record Text(string Value) : TorchValue
    {
        internal override string Kind => "a str";
    }

    /// <summary>A <c>bytes</c>.</summary>
    public sealed record Bytes(ReadOnlyMemory<byte> Value) : TorchValue
    {
        internal override string Kind => "bytes";
    }

    /// <summary>A <c>torch.dtype</c>.</summary>
    public sealed record DataType(ScalarType Value) : TorchValue
    {
        internal override string Kind => "a dtype";
    }

    /// <summary>A <c>torch.device</c>, written as PyTorch does: <c>cuda:0</c>.</summary>
    public sealed record Device(string Name) : TorchValue
    {
        internal override string Kind => "a device";
    }

    /// <summary>A <c>list</c>, <c>tuple</c> or <c>torch.Size</c>.</summary>
    public sealed record Sequence(IReadOnlyList<TorchValue> Items) : TorchValue
    {
        internal override string Kind => "a list or tuple";
    }
}
