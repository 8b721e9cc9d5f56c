using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>Decodes active pairs on the CPU.</summary>
internal static unsafe class HostDecoder
{
    private const int TokensPerPiece = 32;

    /// <returns>f W_dec + b_dec on the dictionary's device, [B, D_out]; the caller disposes.</returns>
    public static Tensor Decode(SparseDictionary dictionary, SparseActivations f)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var width = dictionary.OutputDim;
        var decoded = empty(f.TokenCount, width, ScalarType.Float32);
        var (weightTensor, biasTensor) = (dictionary.DecoderWeight.cpu(), dictionary.DecoderBias.cpu());
        var weight = HostPointer.To<float>(weightTensor);
        var bias = HostPointer.To<float>(biasTensor);
        var rows = HostPointer.To<float>(decoded);
        fixed (int* features = f.Features)
        fixed (float* values = f.Values)
        {
            var (pairs, activations) = ((nint)features, (nint)values);
            WorkerTeam.Shared.Run(WorkerTeam.Pieces(f.TokenCount, TokensPerPiece), piece =>
            {
                var end = Math.Min(f.TokenCount, (piece + 1) * TokensPerPiece);
                for (var token = piece * TokensPerPiece; token < end; token++)
                {
                    var at = f.Offsets[token];
                    RowKernels<float>.Combine(
                        rows + ((nint)token * width), bias, weight, width, (int*)pairs + at, (float*)activations + at, f.Offsets[token + 1] - at);
                }
            });
        }

        GC.KeepAlive(weightTensor);
        GC.KeepAlive(biasTensor);
        return scope.MoveToOuter(decoded.to(dictionary.Device));
    }
}
