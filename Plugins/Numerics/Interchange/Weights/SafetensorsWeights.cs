using System.Runtime.InteropServices;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Interchange.Weights;

/// <summary>The tensors of a safetensors file.</summary>
internal sealed class SafetensorsWeights(string path) : WeightFile(path)
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(path);

    public override IReadOnlyCollection<string> Names => [.. _file.Entries.Keys];

    public override void Dispose() => _file.Dispose();

    protected override IReadOnlyList<long> ShapeOf(string name) => _file.Entries[name].Shape;

    protected override Tensor ReadTensor(string name) => _file.Read(name, CPU);

    protected override double ReadNumber(string name)
    {
        using var scope = NewDisposeScope();
        var tensor = ReadTensor(name);
        if (tensor.numel() != 1) throw Wrong(name, $"has {tensor.numel()} elements, expected one");
        return MemoryMarshal.Cast<byte, double>(tensor.to(ScalarType.Float64).bytes)[0];
    }

    protected override long[] ReadIntegers(string name)
    {
        using var scope = NewDisposeScope();
        var tensor = ReadTensor(name);
        if (tensor.is_floating_point()) throw Wrong(name, $"holds elements of type {tensor.dtype}, expected integers");
        return HostMemory.Longs(tensor.to(ScalarType.Int64).contiguous()).ToArray();
    }
}
