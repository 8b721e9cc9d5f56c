using System.Numerics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Architectures;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Training;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>
/// The step on the CPU. With z = (x − b_dec) W_encᵀ, f by the architecture, x̂ = f W_dec + b_dec, the gradient of the
/// reconstruction error g = 2 (x̂ − y) / (B D_out) and p = ∂L/∂z by the architecture from d = g · W_dec, the derivatives
/// by hand are
/// <code>
/// W_dec : fᵀ g          b_dec : Σ g − (Σ p) W_enc       (b_dec stands before the encoder as well)
/// W_enc : pᵀ (x − b_dec)
/// </code>
/// Where f is 0 every term is exactly 0, so once few features are active only the encoder needs a matrix product; all
/// else touches the active (token, feature) pairs alone. While many are active, matrix products are faster.
/// Legend: B batch, D activation, D_out output, F feature, G groups of features that each reconstruct alone.
/// </summary>
internal sealed unsafe partial class HostStep<T> : IDictionaryStep
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int TokensPerPiece = PairScan<T>.TokensPerSegment;
    private const int FeaturesPerPiece = 32;

    private readonly SparseDictionary _dictionary;
    private readonly HostRule<T> _rule;
    private readonly GradientPath _path;
    private readonly WorkerTeam _team;
    private readonly PairScan<T> _scan;
    private readonly PairSegment<T>[] _main;
    private readonly PairSegment<T>[]? _auxiliary;
    private readonly PairChannel<T>[] _mainOnly;
    private readonly FeatureUpdate<T> _update;
    private readonly int _featureCount;
    private readonly int _inputDim;
    private readonly int _outputDim;
    private readonly int _batchSize;
    private readonly int[] _groupEnds;           // [G]
    private readonly StepSums _sums = new();

    private readonly Tensor _errorPartials;      // [token pieces, D_out], parts of Σ g
    private readonly double[] _squaredErrors;    // by token piece
    private readonly double[] _losses;
    private readonly double[] _penalties;
    private readonly long[] _activePairs;

    // Addresses of the weights and buffers: asking a tensor costs a native call.
    private readonly T* _decoder;
    private readonly T* _decoderBias;
    private readonly T* _errorPartialRows;

    private readonly Action<int> _centrePiece;
    private readonly Action<int> _reconstructPiece;
    private readonly Action<int> _errorPiece;

    // For the time of a step.
    private WorkMemory _memory = null!;
    private Tensor? _centred;                    // [B, D], x − b_dec; null where b_dec does not stand before the encoder
    private Tensor _errors = null!;              // [G B, D_out]: what the features of a group get as g
    private Tensor? _auxiliaryErrors;            // [B, D_out]
    private T* _centredRows;
    private T* _errorRows;
    private T* _auxiliaryErrorRows;
    private int _batch;
    private Tensor _rows = null!;                // x − b_dec or x, [B, D]
    private T* _x;
    private T* _target;
    private T _errorScale;

    public HostStep(SparseDictionary dictionary, OptimiserState state, GradientPath path, WorkerTeam team)
    {
        var definition = dictionary.Definition;
        (_dictionary, _path, _team, _batchSize) = (dictionary, path, team, definition.BatchSize);
        (_featureCount, _inputDim, _outputDim) = (dictionary.FeatureCount, dictionary.ActivationDim, dictionary.OutputDim);
        _rule = dictionary.Architecture.Rule(new HostBinding<T>
        {
            Dictionary = dictionary,
            BatchSize = _batchSize,
            TokensPerSegment = TokensPerPiece,
            LastFired = HostPointer.Longs(state.LastFired),
        });
        _groupEnds = [.. _rule.Groups ?? [_featureCount]];
        _scan = new PairScan<T>(dictionary.EncoderWeight, _batchSize, definition.Precision ?? MatrixPrecision.Float32, team);
        _main = PairScan<T>.Segments(_batchSize, _rule.HasExtras);
        _mainOnly = [new PairChannel<T>(_rule.Main, _main)];
        var hasAuxiliary = _rule.AuxiliaryLoss is not null;
        if (hasAuxiliary) _auxiliary = PairScan<T>.Segments(_batchSize, hasExtras: false);
        var tokenPieces = WorkerTeam.Pieces(_batchSize, TokensPerPiece);
        _errorPartials = Buffer(tokenPieces, _outputDim);
        _squaredErrors = new double[tokenPieces];
        _losses = new double[tokenPieces];
        _penalties = new double[tokenPieces];
        _activePairs = new long[tokenPieces];
        _decoder = HostPointer.To<T>(dictionary.DecoderWeight);
        _decoderBias = HostPointer.To<T>(dictionary.DecoderBias);
        _errorPartialRows = HostPointer.To<T>(_errorPartials);
        _update = new FeatureUpdate<T>(dictionary, state, _rule);
        _mainLists = Lists(_main, _rule.HasExtras);
        _auxiliaryLists = _auxiliary is null ? null : Lists(_auxiliary, hasExtras: false);
        _scratch = Buffer(WorkerTeam.Pieces(PairScan<T>.FeaturesPerBlock, FeaturesPerPiece), _inputDim + _outputDim);
        _scratchRows = HostPointer.To<T>(_scratch);
        _biasPartials = Buffer(WorkerTeam.Pieces(_featureCount, FeaturesPerPiece), _inputDim);
        _biasPartialRows = HostPointer.To<T>(_biasPartials);
        _centrePiece = CentrePiece;
        _reconstructPiece = ReconstructPiece;
        _errorPiece = ErrorPiece;
        _sparseFeaturePiece = SparseFeaturePiece;
        _spreadPiece = SpreadPiece;
        _gatherPiece = GatherPiece;
        _denseFeaturePiece = DenseFeaturePiece;
    }

    public void Run(Tensor x, Tensor target, in StepSettings settings)
    {
        _memory = WorkMemory.Rent();
        try
        {
            RunBound(x, target, settings);
        }
        finally
        {
            _memory.Return();
        }
    }

    public void Collect(StepSums sums)
    {
        sums.Add(_sums);
        _sums.Clear();
    }

    public void Dispose()
    {
        Tensor[] buffers = [_errorPartials, _scratch, _biasPartials];
        foreach (var buffer in buffers) buffer.Dispose();
        _scan.Dispose();
    }

    private void RunBound(Tensor x, Tensor target, in StepSettings settings)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var contiguous = x.contiguous();
        var contiguousTarget = ReferenceEquals(x, target) ? contiguous : target.contiguous();
        _batch = (int)x.shape[0];
        _x = HostPointer.To<T>(contiguous);
        _target = HostPointer.To<T>(contiguousTarget);
        _errorScale = T.CreateChecked(2) / T.CreateChecked((double)_batch * _outputDim);
        Bind();
        _rows = _centred ?? contiguous;
        if (_centred is not null) _team.Run(WorkerTeam.Pieces(_batch, TokensPerPiece), _centrePiece);

        _rule.Begin(settings, _batch);
        _update.Begin(settings);
        StartReconstructions(contiguous);
        if (!TrySparse()) RunDense();
        UpdateDecoderBias();
        _update.Skip(contiguous, _errors.narrow(0, 0, _batch), _team);
        _rule.End();
        AddSums();
        GC.KeepAlive(contiguousTarget);
    }

    /// <summary>Lays out what lasts as long as a step. Whole batches decide of the sizes, so that the memory keeps its place.</summary>
    private void Bind()
    {
        var type = HostPointer.TypeOf<T>();
        _scan.Bind(_memory);
        _centred = _dictionary.HasPreBias ? _memory.Rows(WorkArea.Centred, _batchSize, _inputDim, type).narrow(0, 0, _batch) : null;
        _errors = _memory.Rows(WorkArea.Errors, (long)_groupEnds.Length * _batchSize, _outputDim, type);
        _auxiliaryErrors = _auxiliary is null ? null : _memory.Rows(WorkArea.AuxiliaryErrors, _batchSize, _outputDim, type);
        _centredRows = _centred is null ? null : HostPointer.To<T>(_centred);
        _errorRows = HostPointer.To<T>(_errors);
        _auxiliaryErrorRows = _auxiliaryErrors is null ? null : HostPointer.To<T>(_auxiliaryErrors);
    }

    private static Tensor Buffer(long rows, long columns) =>
        empty(rows, columns, HostPointer.TypeOf<T>()).DetachFromDisposeScope();

    private static (int First, int End) Range(int piece, int size, int count) =>
        (piece * size, Math.Min((piece + 1) * size, count));

    private FeatureLists<T> Lists(PairSegment<T>[] segments, bool hasExtras) =>
        new(segments, TokensPerPiece, Math.Min(_featureCount, PairScan<T>.FeaturesPerBlock), hasExtras, _team);

    /// <summary>The channels of this step: the second one only where there is something for it to reconstruct.</summary>
    private PairChannel<T>[] Channels() =>
        _rule.Auxiliary is { } auxiliary ? [_mainOnly[0], new PairChannel<T>(auxiliary, _auxiliary!)] : _mainOnly;

    /// <summary>The rows that were encoded, [B, D].</summary>
    private T* EncodedRows() => _centred is null ? _x : _centredRows;

    private T* ErrorRow(int group, int token) => _errorRows + ((((nint)group * _batch) + token) * _outputDim);

    private void CentrePiece(int piece)
    {
        var centred = _centredRows;
        var (first, end) = Range(piece, TokensPerPiece, _batch);
        for (var token = first; token < end; token++)
            RowKernels<T>.Subtract(centred + ((nint)token * _inputDim), _x + ((nint)token * _inputDim), _decoderBias, _inputDim);
    }

    private void UpdateDecoderBias()
    {
        var gradient = _scratchRows;
        new Span<T>(gradient, _outputDim).Clear();
        for (var piece = 0; piece < WorkerTeam.Pieces(_batch, TokensPerPiece); piece++)
            RowKernels<T>.AddScaled(gradient, _errorPartialRows + ((nint)piece * _outputDim), T.One, _outputDim);
        if (_centred is not null)
        {
            for (var piece = 0; piece < WorkerTeam.Pieces(_featureCount, FeaturesPerPiece); piece++)
                RowKernels<T>.AddScaled(gradient, _biasPartialRows + ((nint)piece * _inputDim), -T.One, _inputDim);
        }

        _update.DecoderBias(gradient);
    }

    private void AddSums()
    {
        double squared = 0, loss = 0, penalties = 0;
        long active = 0;
        for (var piece = 0; piece < WorkerTeam.Pieces(_batch, TokensPerPiece); piece++)
        {
            squared += _squaredErrors[piece];
            loss += _losses[piece];
            penalties += _penalties[piece];
            active += _activePairs[piece];
        }

        var elements = (double)_batch * _outputDim;
        _sums.Add(squared / elements, (loss / elements) + penalties, (double)active / _batch);
    }
}
