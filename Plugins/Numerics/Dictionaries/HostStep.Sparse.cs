using Orchestrator.Numerics.Dictionaries.Kernels;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>The path over active pairs.</summary>
internal sealed unsafe partial class HostStep
{
    private readonly PairSegment[] _segments;    // by token piece
    private readonly FeatureLists _lists;
    private readonly Action<int> _sparseTokenPiece;
    private readonly Action<int> _sparseFeaturePiece;

    private void RunSparse()
    {
        if (++_sparseInARow == ReleaseAfter) ReleaseDense();
        for (var start = 0; start < _batch; start += _tileRows)
        {
            if (start > 0) EncodeTile(start);
            _partitions.Run(FixedPartitions.Pieces(_tileCount, TokensPerPiece), _sparseTokenPiece);
        }

        _lists.Build(_segments, FixedPartitions.Pieces(_batch, TokensPerPiece), TokensPerPiece, _batch);
        _partitions.Run(FixedPartitions.Pieces(_featureCount, FeaturesPerPiece), _sparseFeaturePiece);
    }

    /// <summary>Scans the pre-activations of some tokens, decodes them and derives their activations.</summary>
    private void SparseTokenPiece(int tilePiece)
    {
        // Tiles are whole pieces, so that a piece has the same number on whatever tile it lies.
        var piece = (_tileStart / TokensPerPiece) + tilePiece;
        var segment = _segments[piece];
        segment.Clear();
        var columnSums = _errorPartialRows + ((nint)piece * _dim);
        new Span<float>(columnSums, _dim).Clear();
        var pre = _pre;
        var bias = _encoderBias;
        var (first, end) = Range(tilePiece, TokensPerPiece, _tileCount);
        double squared = 0;
        for (var row = first; row < end; row++)
        {
            var start = segment.Append(row - first, pre + ((nint)row * _featureCount), bias, _featureCount);
            squared += Reconstruct(_tileStart + row, segment, start, columnSums);
        }

        double activations = 0;
        foreach (var value in segment.Values) activations += value;
        (_squaredErrors[piece], _activationSums[piece], _activePairs[piece]) = (squared, activations, segment.Count);
    }

    /// <summary>Error and its gradient of one token, and the gradient of its active features.</summary>
    /// <returns>Its squared error, summed over elements.</returns>
    private float Reconstruct(int token, PairSegment segment, int start, float* columnSums)
    {
        var features = segment.FeaturePointer + start;
        var values = segment.ValuePointer + start;
        var gradients = segment.GradientPointer + start;
        var count = segment.Count - start;
        var decoder = _decoderWeight;
        var gradient = _errorRows + ((nint)token * _dim);
        RowKernels.Combine(gradient, null, decoder, _dim, features, values, count);
        var squared = RowKernels.Error(
            gradient, _decoderBias, _x + ((nint)token * _dim), 2f / ((float)_batch * _dim), _dim);
        RowKernels.AddScaled(columnSums, gradient, 1, _dim);
        RowKernels.Dots(gradient, decoder, _dim, features, count, gradients);
        for (var pair = 0; pair < count; pair++) gradients[pair] += _penalty;
        return squared;
    }

    private void SparseFeaturePiece(int piece)
    {
        var partial = _biasPartialRows + ((nint)piece * _dim);
        new Span<float>(partial, _dim).Clear();
        var encoderGradient = _scratchRows + (2 * (nint)piece * _dim);
        var decoderGradient = encoderGradient + _dim;
        var centred = _centredRows;
        var errors = _errorRows;
        var lastFired = _lastFired;
        var (first, end) = Range(piece, FeaturesPerPiece, _featureCount);
        for (var feature = first; feature < end; feature++)
        {
            var at = _lists.Start(feature);
            var count = _lists.Count(feature);
            var gradients = _lists.Gradients + at;
            RowKernels.Combine(encoderGradient, null, centred, _dim, _lists.Tokens + at, gradients, count);
            RowKernels.Combine(decoderGradient, null, errors, _dim, _lists.Tokens + at, _lists.Values + at, count);
            var biasGradient = 0f;
            for (var pair = 0; pair < count; pair++) biasGradient += gradients[pair];
            UpdateFeature(feature, encoderGradient, decoderGradient, biasGradient, partial);
            if (count > 0) lastFired[feature] = _step;
        }
    }
}
