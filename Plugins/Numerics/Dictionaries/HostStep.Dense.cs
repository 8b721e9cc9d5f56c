using Orchestrator.Numerics.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>The path over matrix products: five of them, with everything between them in passes over tiles.</summary>
internal sealed unsafe partial class HostStep
{
    private const int ColumnsPerPiece = 256;

    private readonly Action<int> _rectifyPiece;
    private readonly Action<int> _errorPiece;
    private readonly Action<int> _maskPiece;
    private readonly Action<int> _denseFeaturePiece;
    private DenseBuffers? _dense;

    private void RunDense()
    {
        _sparseInARow = 0;
        var dense = _dense ??= new DenseBuffers(_tileRows, _featureCount, _dim);
        dense.FeatureSums.zero_();
        for (var start = 0; start < _batch; start += _tileRows)
        {
            if (start > 0) EncodeTile(start);
            DenseTile(dense, accumulate: start > 0);
        }

        _partitions.Run(FixedPartitions.Pieces(_featureCount, FeaturesPerPiece), _denseFeaturePiece);
    }

    private void DenseTile(DenseBuffers dense, bool accumulate)
    {
        using var scope = NewDisposeScope();
        var tokenPieces = FixedPartitions.Pieces(_tileCount, TokensPerPiece);
        var f = _preActivations.narrow(0, 0, _tileCount);                     // [T, F]
        var p = dense.FeatureGradient.narrow(0, 0, _tileCount);               // [T, F]
        var g = _errorGradient.narrow(0, _tileStart, _tileCount);             // [T, D]
        var centred = _centred.narrow(0, _tileStart, _tileCount);             // [T, D]
        _partitions.Run(tokenPieces, _rectifyPiece);
        g.addmm_(f, _dictionary.DecoderWeight, beta: 0, alpha: 1);
        _partitions.Run(tokenPieces, _errorPiece);
        p.addmm_(g, _dictionary.DecoderWeight.t(), beta: 0, alpha: 1);
        _partitions.Run(FixedPartitions.Pieces(_featureCount, ColumnsPerPiece), _maskPiece);
        var keep = accumulate ? 1f : 0f;
        dense.DecoderGradient.addmm_(f.t(), g, beta: keep, alpha: 1);         // [F, D]
        dense.EncoderGradient.addmm_(p.t(), centred, beta: keep, alpha: 1);   // [F, D]
    }

    private void RectifyPiece(int tilePiece)
    {
        var pre = _pre;
        var bias = _encoderBias;
        var (first, end) = Range(tilePiece, TokensPerPiece, _tileCount);
        double activations = 0;
        long active = 0;
        for (var row = first; row < end; row++)
        {
            active += RowKernels.Rectify(pre + ((nint)row * _featureCount), bias, _featureCount, out var sum);
            activations += sum;
        }

        var piece = (_tileStart / TokensPerPiece) + tilePiece;
        (_activationSums[piece], _activePairs[piece]) = (activations, active);
    }

    private void ErrorPiece(int tilePiece)
    {
        var piece = (_tileStart / TokensPerPiece) + tilePiece;
        var columnSums = _errorPartialRows + ((nint)piece * _dim);
        new Span<float>(columnSums, _dim).Clear();
        var gradients = _errorRows;
        var bias = _decoderBias;
        var (first, end) = Range(piece, TokensPerPiece, _tileStart + _tileCount);
        double squared = 0;
        for (var token = first; token < end; token++)
        {
            var gradient = gradients + ((nint)token * _dim);
            squared += RowKernels.Error(gradient, bias, _x + ((nint)token * _dim), 2f / ((float)_batch * _dim), _dim);
            RowKernels.AddScaled(columnSums, gradient, 1, _dim);
        }

        _squaredErrors[piece] = squared;
    }

    private void MaskPiece(int piece)
    {
        var dense = _dense!;
        var (first, end) = Range(piece, ColumnsPerPiece, _featureCount);
        var gradients = dense.FeatureGradientRows + first;
        var activations = _pre + first;
        var sums = dense.FeatureSumsRows + first;
        var fired = sums + _featureCount;
        for (var row = 0; row < _tileCount; row++)
        {
            var at = (nint)row * _featureCount;
            RowKernels.MaskGradient(gradients + at, activations + at, _penalty, sums, fired, end - first);
        }
    }

    private void DenseFeaturePiece(int piece)
    {
        var dense = _dense!;
        var partial = _biasPartialRows + ((nint)piece * _dim);
        new Span<float>(partial, _dim).Clear();
        var encoderGradient = dense.EncoderGradientRows;
        var decoderGradient = dense.DecoderGradientRows;
        var sums = dense.FeatureSumsRows;
        var lastFired = _lastFired;
        var (first, end) = Range(piece, FeaturesPerPiece, _featureCount);
        for (var feature = first; feature < end; feature++)
        {
            var at = (nint)feature * _dim;
            UpdateFeature(feature, encoderGradient + at, decoderGradient + at, sums[feature], partial);
            if (sums[_featureCount + feature] > 0) lastFired[feature] = _step;
        }
    }

    private void ReleaseDense()
    {
        _dense?.Dispose();
        _dense = null;
    }

    /// <summary>Memory that only this path needs.</summary>
    private sealed class DenseBuffers : IDisposable
    {
        public DenseBuffers(int tileRows, int featureCount, int dim)
        {
            FeatureGradient = Buffer(tileRows, featureCount);
            EncoderGradient = Buffer(featureCount, dim);
            DecoderGradient = Buffer(featureCount, dim);
            FeatureSums = Buffer(2, featureCount);
            FeatureGradientRows = HostPointer.Floats(FeatureGradient);
            EncoderGradientRows = HostPointer.Floats(EncoderGradient);
            DecoderGradientRows = HostPointer.Floats(DecoderGradient);
            FeatureSumsRows = HostPointer.Floats(FeatureSums);
        }

        /// <summary>p, [T, F].</summary>
        public Tensor FeatureGradient { get; }

        /// <summary>[F, D].</summary>
        public Tensor EncoderGradient { get; }

        /// <summary>[F, D].</summary>
        public Tensor DecoderGradient { get; }

        /// <summary>Σ p, then Σ f, over the batch, [2, F].</summary>
        public Tensor FeatureSums { get; }

        public float* FeatureGradientRows { get; }

        public float* EncoderGradientRows { get; }

        public float* DecoderGradientRows { get; }

        public float* FeatureSumsRows { get; }

        public void Dispose()
        {
            FeatureGradient.Dispose();
            EncoderGradient.Dispose();
            DecoderGradient.Dispose();
            FeatureSums.Dispose();
        }
    }
}
