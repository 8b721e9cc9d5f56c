using Orchestrator.Numerics.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>
/// The step on the CPU. With x̂ = f W_dec + b_dec, f = ReLU((x − b_dec) W_encᵀ + b_enc) and the gradient of the
/// reconstruction error g = 2 (x̂ − x) / (B D), the derivatives by hand are
/// <code>
/// p      = (g W_decᵀ + λ / B) where f &gt; 0, else 0      [B, F]
/// W_dec  : fᵀ g          b_dec : Σ g − (Σ p) W_enc       (b_dec stands before the encoder as well)
/// W_enc  : pᵀ (x − b_dec)        b_enc : Σ p
/// </code>
/// Where f is 0 every term is exactly 0, so once few features are active only the encoder needs a matrix product; all
/// else touches the active (token, feature) pairs alone. While many are active, matrix products are faster.
/// Legend: B batch, T rows of a tile, D activation, F feature.
/// </summary>
internal sealed unsafe partial class HostStep : IDictionaryStep
{
    private const int TokensPerPiece = 32;
    private const int FeaturesPerPiece = 64;

    /// <summary>The sparse path is chosen below this share of active pairs; the benchmark <c>crossover</c> measures where it lies.</summary>
    private const double SparseBelow = 0.15;

    /// <summary>Sparse steps in a row after which the dense path's buffers are given back.</summary>
    private const int ReleaseAfter = 64;

    private readonly SparseDictionary _dictionary;
    private readonly OptimiserState _state;
    private readonly GradientPath _path;
    private readonly FixedPartitions _partitions;
    private readonly int _featureCount;
    private readonly int _dim;
    private readonly int _batchSize;
    private readonly int _tileRows;
    private readonly StepSums _sums = new();

    private readonly Tensor _preActivations;     // [T, F], activations on the dense path
    private readonly Tensor _centred;            // [B, D], x − b_dec
    private readonly Tensor _errorGradient;      // [B, D], g
    private readonly Tensor _biasPartials;       // [feature pieces, D], parts of (Σ p) W_enc
    private readonly Tensor _errorPartials;      // [token pieces, D], parts of Σ g
    private readonly Tensor _scratch;            // [feature pieces, 2 D], gradient rows of the feature at hand
    private readonly double[] _squaredErrors;    // by token piece
    private readonly double[] _activationSums;
    private readonly long[] _activePairs;

    private int _batch;
    private int _tileStart;
    private int _tileCount;
    private float* _x;
    private long _step;
    private float _penalty;
    private AdamStep _adam;
    private int _sparseInARow;

    public HostStep(SparseDictionary dictionary, OptimiserState state, int batchSize, GradientPath path, int threads)
    {
        (_dictionary, _state, _path, _batchSize) = (dictionary, state, path, batchSize);
        (_featureCount, _dim) = (dictionary.FeatureCount, dictionary.ActivationDim);
        _partitions = new FixedPartitions(threads);
        // A tile of D rows costs half of what the weights cost, whatever the batch.
        _tileRows = Math.Min(batchSize, Align(Math.Max(_dim, 256)));
        var tokenPieces = FixedPartitions.Pieces(batchSize, TokensPerPiece);
        var featurePieces = FixedPartitions.Pieces(_featureCount, FeaturesPerPiece);
        _preActivations = Buffer(_tileRows, _featureCount);
        _centred = Buffer(batchSize, _dim);
        _errorGradient = Buffer(batchSize, _dim);
        _biasPartials = Buffer(featurePieces, _dim);
        _errorPartials = Buffer(tokenPieces, _dim);
        _scratch = Buffer(featurePieces, 2 * _dim);
        _squaredErrors = new double[tokenPieces];
        _activationSums = new double[tokenPieces];
        _activePairs = new long[tokenPieces];
        _segments = new PairSegment[tokenPieces];
        for (var i = 0; i < tokenPieces; i++) _segments[i] = new PairSegment(TokensPerPiece);
        _lists = new FeatureLists(_featureCount);
        _encoderWeight = HostPointer.Floats(dictionary.EncoderWeight);
        _decoderWeight = HostPointer.Floats(dictionary.DecoderWeight);
        _encoderBias = HostPointer.Floats(dictionary.EncoderBias);
        _decoderBias = HostPointer.Floats(dictionary.DecoderBias);
        _encoderFirst = HostPointer.Floats(state.Encoder.First);
        _encoderSecond = HostPointer.Floats(state.Encoder.Second);
        _decoderFirst = HostPointer.Floats(state.Decoder.First);
        _decoderSecond = HostPointer.Floats(state.Decoder.Second);
        _encoderBiasFirst = HostPointer.Floats(state.EncoderBias.First);
        _encoderBiasSecond = HostPointer.Floats(state.EncoderBias.Second);
        _decoderBiasFirst = HostPointer.Floats(state.DecoderBias.First);
        _decoderBiasSecond = HostPointer.Floats(state.DecoderBias.Second);
        _lastFired = HostPointer.Longs(state.LastFired);
        _pre = HostPointer.Floats(_preActivations);
        _centredRows = HostPointer.Floats(_centred);
        _errorRows = HostPointer.Floats(_errorGradient);
        _biasPartialRows = HostPointer.Floats(_biasPartials);
        _errorPartialRows = HostPointer.Floats(_errorPartials);
        _scratchRows = HostPointer.Floats(_scratch);
        _centrePiece = CentrePiece;
        _countPiece = CountPiece;
        _sparseTokenPiece = SparseTokenPiece;
        _sparseFeaturePiece = SparseFeaturePiece;
        _rectifyPiece = RectifyPiece;
        _errorPiece = ErrorPiece;
        _maskPiece = MaskPiece;
        _denseFeaturePiece = DenseFeaturePiece;
    }

    // Addresses of the weights, moments and buffers above: asking a tensor costs a native call.
    private readonly float* _encoderWeight;
    private readonly float* _decoderWeight;
    private readonly float* _encoderBias;
    private readonly float* _decoderBias;
    private readonly float* _encoderFirst;
    private readonly float* _encoderSecond;
    private readonly float* _decoderFirst;
    private readonly float* _decoderSecond;
    private readonly float* _encoderBiasFirst;
    private readonly float* _encoderBiasSecond;
    private readonly float* _decoderBiasFirst;
    private readonly float* _decoderBiasSecond;
    private readonly long* _lastFired;
    private readonly float* _pre;
    private readonly float* _centredRows;
    private readonly float* _errorRows;
    private readonly float* _biasPartialRows;
    private readonly float* _errorPartialRows;
    private readonly float* _scratchRows;
    private readonly Action<int> _centrePiece;
    private readonly Action<int> _countPiece;

    public void Run(Tensor x, long step, double l1Coefficient, in AdamStep adam)
    {
        using var scope = NewDisposeScope();
        var contiguous = x.contiguous();
        _batch = (int)x.shape[0];
        _x = HostPointer.Floats(contiguous);
        (_step, _adam) = (step, adam);
        _penalty = (float)(l1Coefficient / _batch);
        _partitions.Run(FixedPartitions.Pieces(_batch, TokensPerPiece), _centrePiece);
        EncodeTile(0);
        if (ChooseSparse()) RunSparse();
        else RunDense();
        UpdateDecoderBias();
        AddSums(l1Coefficient);
        GC.KeepAlive(contiguous);
    }

    public void Collect(StepSums sums)
    {
        sums.Steps += _sums.Steps;
        sums.Loss += _sums.Loss;
        sums.SquaredError += _sums.SquaredError;
        sums.L0 += _sums.L0;
        _sums.Clear();
    }

    public void Dispose()
    {
        Tensor[] buffers = [_preActivations, _centred, _errorGradient, _biasPartials, _errorPartials, _scratch];
        foreach (var buffer in buffers) buffer.Dispose();
        ReleaseDense();
    }

    private static int Align(int rows) => FixedPartitions.Pieces(rows, TokensPerPiece) * TokensPerPiece;

    private static Tensor Buffer(long rows, long columns) =>
        empty(rows, columns, ScalarType.Float32).DetachFromDisposeScope();

    private bool ChooseSparse()
    {
        if (_path != GradientPath.Measured) return _path == GradientPath.Sparse;
        _partitions.Run(FixedPartitions.Pieces(_tileCount, TokensPerPiece), _countPiece);
        long active = 0;
        for (var piece = 0; piece < FixedPartitions.Pieces(_tileCount, TokensPerPiece); piece++) active += _activePairs[piece];
        return active < SparseBelow * _tileCount * _featureCount;
    }

    /// <summary>Pre-activations without their bias of the tile that begins at a token.</summary>
    private void EncodeTile(int start)
    {
        (_tileStart, _tileCount) = (start, Math.Min(_tileRows, _batch - start));
        using var scope = NewDisposeScope();
        var rows = _centred.narrow(0, start, _tileCount);                             // [T, D]
        _preActivations.narrow(0, 0, _tileCount).addmm_(rows, _dictionary.EncoderWeight.t(), beta: 0, alpha: 1);
    }

    private void CentrePiece(int piece)
    {
        var bias = _decoderBias;
        var centred = _centredRows;
        var (first, end) = Range(piece, TokensPerPiece, _batch);
        for (var token = first; token < end; token++)
            RowKernels.Subtract(centred + ((nint)token * _dim), _x + ((nint)token * _dim), bias, _dim);
    }

    private void CountPiece(int piece)
    {
        var pre = _pre;
        var bias = _encoderBias;
        var (first, end) = Range(piece, TokensPerPiece, _tileCount);
        long active = 0;
        for (var row = first; row < end; row++)
            active += RowKernels.CountPositives(pre + ((nint)row * _featureCount), bias, _featureCount);
        _activePairs[piece] = active;
    }

    /// <summary>
    /// Everything that happens to one feature once its gradients are known: projection, Adam, renormalisation. Its rows
    /// are read and written once.
    /// </summary>
    private void UpdateFeature(int feature, float* encoderGradient, float* decoderGradient, float biasGradient, float* biasPartial)
    {
        var at = (nint)feature * _dim;
        var encoder = _encoderWeight + at;
        var decoder = _decoderWeight + at;
        if (biasGradient != 0) RowKernels.AddScaled(biasPartial, encoder, biasGradient, _dim);
        RowKernels.Adam(
            encoder, _encoderFirst + at, _encoderSecond + at,
            encoderGradient, 0, _adam, _dim);
        var parallel = RowKernels.Dot(decoderGradient, decoder, _dim);
        var square = RowKernels.Adam(
            decoder, _decoderFirst + at, _decoderSecond + at,
            decoderGradient, parallel, _adam, _dim);
        RowKernels.Scale(decoder, 1 / MathF.Sqrt(square), _dim);
        var bias = _encoderBias;
        bias[feature] = RowKernels.AdamElement(
            bias[feature], ref _encoderBiasFirst[feature],
            ref _encoderBiasSecond[feature], biasGradient, _adam);
    }

    private void UpdateDecoderBias()
    {
        var gradient = _scratchRows;
        new Span<float>(gradient, _dim).Clear();
        var errors = _errorPartialRows;
        for (var piece = 0; piece < FixedPartitions.Pieces(_batch, TokensPerPiece); piece++)
            RowKernels.AddScaled(gradient, errors + ((nint)piece * _dim), 1, _dim);
        var encoded = _biasPartialRows;
        for (var piece = 0; piece < FixedPartitions.Pieces(_featureCount, FeaturesPerPiece); piece++)
            RowKernels.AddScaled(gradient, encoded + ((nint)piece * _dim), -1, _dim);
        RowKernels.Adam(
            _decoderBias, _decoderBiasFirst,
            _decoderBiasSecond, gradient, 0, _adam, _dim);
    }

    private void AddSums(double l1Coefficient)
    {
        double squared = 0, activations = 0;
        long active = 0;
        for (var piece = 0; piece < FixedPartitions.Pieces(_batch, TokensPerPiece); piece++)
        {
            squared += _squaredErrors[piece];
            activations += _activationSums[piece];
            active += _activePairs[piece];
        }

        _sums.Add(squared / ((double)_batch * _dim), l1Coefficient * activations / _batch, (double)active / _batch);
    }

    private static (int First, int End) Range(int piece, int size, int count) =>
        (piece * size, Math.Min((piece + 1) * size, count));
}
