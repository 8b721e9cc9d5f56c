using Orchestrator.Numerics.Formats.Torch;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Interchange.Weights;

/// <summary>The tensors of what <c>torch.save</c> wrote; plain numbers beside them count as tensors of one element.</summary>
internal sealed class TorchWeights(string path) : WeightFile(path)
{
    private readonly TorchArchive _archive = TorchArchive.Open(path);

    public override IReadOnlyCollection<string> Names => [.. _archive.Entries.Keys, .. _archive.Values.Keys];

    public override void Dispose() => _archive.Dispose();

    protected override IReadOnlyList<long> ShapeOf(string name) => _archive.Entries.TryGetValue(name, out var entry) ? entry.Shape : [];

    protected override Tensor ReadTensor(string name) => _archive.Read(name, CPU);

    protected override double ReadNumber(string name) => _archive.ReadNumber(name);

    protected override long[] ReadIntegers(string name) => _archive.ReadInt64(name);
}
