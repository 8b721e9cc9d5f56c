using Orchestrator.Numerics.Dictionaries.Architectures;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>The first weights of a dictionary.</summary>
internal static class DictionaryInitialisation
{
    private const ulong EncoderPart = 1;
    private const ulong DecoderPart = 2;

    /// <summary>Rows that are drawn, or normalised, at once: however large a dictionary, making it takes little more than its weights.</summary>
    private const int RowsAtOnce = 256;

    public static void Fill(SparseDictionary dictionary)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        FillUniform(dictionary.DecoderWeight, SeededRandom.Derive(dictionary.Definition.Seed, DecoderPart), dictionary.ActivationDim);
        Normalise(dictionary.DecoderWeight);
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
        using var host = empty([Math.Min(RowsAtOnce, rows), columns], ScalarType.Float32, CPU);
        for (long start = 0; start < rows; start += RowsAtOnce)
        {
            using var piece = host.narrow(0, 0, Math.Min(RowsAtOnce, rows - start));
            foreach (ref var value in HostMemory.Singles(piece)) value = (float)(((2 * random.NextDouble()) - 1) * bound);
            using var place = weight.narrow(0, start, piece.shape[0]);
            place.copy_(piece);
        }
    }

    private static void Normalise(Tensor weight)
    {
        for (long start = 0; start < weight.shape[0]; start += RowsAtOnce)
        {
            using var scope = NewDisposeScope();
            var rows = weight.narrow(0, start, Math.Min(RowsAtOnce, weight.shape[0] - start));
            rows.div_(rows.square().sum(dim: 1L, keepdim: true).sqrt_());
        }
    }
}
