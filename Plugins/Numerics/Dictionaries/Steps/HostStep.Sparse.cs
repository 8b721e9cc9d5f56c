using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>The path over active pairs.</summary>
internal sealed unsafe partial class HostStep<T>
{
    /// <summary>
    /// The sparse path is chosen below this share of active pairs; the benchmark <c>crossover</c> measures where it lies.
    /// </summary>
    private const double SparseBelow = 0.2;

    /// <summary>The same while the weights fit into a processor's last cache, where gathering their rows is cheap.</summary>
    private const double SparseBelowInCache = 0.4;

    private const long CacheBytes = 32 << 20;

    /// <summary>Pairs may take as many bytes as this share of the weights: with Adam's moments, a step stays below five times their size.</summary>
    private const double PairBytesToWeights = 1.5;

    private readonly FeatureLists<T> _mainLists;
    private readonly FeatureLists<T>? _auxiliaryLists;
    private readonly TorchSharp.torch.Tensor _scratch;         // [feature pieces of a block, D + D_out], gradient rows of the feature at hand
    private readonly TorchSharp.torch.Tensor _biasPartials;    // [feature pieces, D], parts of (Σ p) W_enc
    private readonly T* _scratchRows;
    private readonly T* _biasPartialRows;
    private readonly Action<int> _sparseFeaturePiece;

    private FeatureBlock _block;

    /// <returns>False when there are so many active pairs that matrix products are faster; then nothing has changed.</returns>
    private bool TrySparse()
    {
        var ranks = _rule.Main.Ranks;
        if (!ranks && _path == GradientPath.Dense) return false;
        if (!_scan.All(_rows, ranks || _path == GradientPath.Sparse ? static _ => long.MaxValue : MostPairs, Channels())) return false;
        var tokenPieces = WorkerTeam.Pieces(_batch, TokensPerPiece);
        _team.Run(tokenPieces, _reconstructPiece);
        foreach (var block in _scan.Blocks)
        {
            _block = block;
            BuildLists(block.Index);
            _team.Run(WorkerTeam.Pieces(block.Count, FeaturesPerPiece), _sparseFeaturePiece);
        }

        return true;
    }

    private long MostPairs(int features)
    {
        var weights = (long)_featureCount * (_inputDim + _outputDim) * sizeof(T);
        var worthwhile = (weights > CacheBytes ? SparseBelow : SparseBelowInCache) * _batch * features;
        var bytes = PairBytesToWeights * weights;
        return (long)Math.Min(worthwhile, Math.Max(bytes, 1 << 20) / (sizeof(int) + (2 * sizeof(T))));
    }

    private void BuildLists(int column)
    {
        var used = WorkerTeam.Pieces(_batch, TokensPerPiece);
        _mainLists.Build(column, _block.First, _block.Count, used);
        if (_rule.Auxiliary is not null) _auxiliaryLists!.Build(column, _block.First, _block.Count, used);
    }

    private PairView<T> AuxiliaryPairs(int feature) => _rule.Auxiliary is null ? default : _auxiliaryLists!.Of(feature);

    private T* BiasPartial(int piece)
    {
        var partial = _biasPartialRows + (((nint)(_block.First / FeaturesPerPiece) + piece) * _inputDim);
        new Span<T>(partial, _inputDim).Clear();
        return partial;
    }

    private void SparseFeaturePiece(int piece)
    {
        var partial = BiasPartial(piece);
        var encoderGradient = _scratchRows + ((nint)piece * (_inputDim + _outputDim));
        var decoderGradient = encoderGradient + _inputDim;
        var rows = EncodedRows();
        var decoderLearns = _rule.AuxiliaryLoss is { IsOfResidual: true };
        var (first, end) = Range(piece, FeaturesPerPiece, _block.Count);
        for (var i = first; i < end; i++)
        {
            var feature = _block.First + i;
            var (main, auxiliary) = (_mainLists.Of(i), AuxiliaryPairs(i));
            var errors = ErrorRow(GroupOf(feature), 0);
            RowKernels<T>.Combine(encoderGradient, null, rows, _inputDim, main.Indices, main.Gradients, main.Count);
            RowKernels<T>.Combine(decoderGradient, null, errors, _outputDim, main.Indices, main.Values, main.Count);
            if (auxiliary.Count > 0)
            {
                RowKernels<T>.Combine(
                    encoderGradient, encoderGradient, rows, _inputDim, auxiliary.Indices, auxiliary.Gradients, auxiliary.Count);
                if (decoderLearns)
                {
                    RowKernels<T>.Combine(
                        decoderGradient, decoderGradient, _auxiliaryErrorRows, _outputDim, auxiliary.Indices, auxiliary.Values, auxiliary.Count);
                }
            }

            _update.Feature(feature, encoderGradient, decoderGradient, main, auxiliary, partial);
        }
    }

    private int GroupOf(int feature)
    {
        var group = 0;
        while (feature >= _groupEnds[group]) group++;
        return group;
    }
}
