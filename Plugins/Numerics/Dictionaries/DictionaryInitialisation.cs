using Orchestrator.Numerics.Dictionaries.Architectures;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>The first weights of a dictionary.</summary>
internal static class DictionaryInitialisation
{
    private const ulong EncoderPart = 1;
    private const ulong DecoderPart = 2;
    private const int RowsAtOnce = 4096;

    public static void Fill(SparseDictionary dictionary)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        FillUniform(dictionary.DecoderWeight, SeededRandom.Derive(dictionary.Definition.Seed, DecoderPart), dictionary.ActivationDim);
        dictionary.DecoderWeight.div_(dictionary.DecoderWeight.square().sum(dim: 1L, keepdim: true).sqrt_());
        switch (dictionary.Architecture.EncoderStart)
        {
            case EncoderStart.Independent:
                FillUniform(dictionary.EncoderWeight, SeededRandom.Derive(dictionary.Definition.Seed, EncoderPart), dictionary.ActivationDim);
                break;
            case EncoderStart.ScaledDecoder:
                dictionary.EncoderWeight.copy_(dictionary.DecoderWeight).mul_(Math.Min(1, 2.0 * dictionary.ActivationDim / dictionary.FeatureCount));
                break;
            default:
                dictionary.EncoderWeight.copy_(dictionary.DecoderWeight);
                break;
        }
    }

    /// <summary>U(±1/√D), row after row of one generator.</summary>
    private static void FillUniform(Tensor weight, ulong seed, int dim)
    {
        var bound = 1 / Math.Sqrt(dim);
        var random = new SeededRandom(seed);
        var (rows, columns) = (weight.shape[0], weight.shape[1]);
        for (long start = 0; start < rows; start += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, rows - start);
            var values = new float[count * columns];
            foreach (ref var value in values.AsSpan()) value = (float)(((2 * random.NextDouble()) - 1) * bound);
            using var piece = HostMemory.ToTensor(values, [count, columns], CPU);
            weight.narrow(0, start, count).copy_(piece);
        }
    }
}
