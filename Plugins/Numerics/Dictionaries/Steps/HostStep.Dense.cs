using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Pairs;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>
/// The path over matrix products, for batches on which many features are active: one pass over the blocks of features to
/// reconstruct, another one for the gradients, which encodes again: one product more, for memory that does not grow
/// with F. Selection and the architecture's rule are those of the sparse path.
/// </summary>
internal sealed unsafe partial class HostStep<T>
{
    private readonly Action<int> _spreadPiece;
    private readonly Action<int> _gatherPiece;
    private readonly Action<int> _denseFeaturePiece;

    private DenseBuffers? _dense;

    private void RunDense()
    {
        var widest = Math.Min(_featureCount, PairScan<T>.FeaturesPerBlock);
        var dense = _dense = new DenseBuffers(_memory, _batchSize, widest, _inputDim, _outputDim, _auxiliary is not null);
        var channels = Channels();
        var errors = _errors.narrow(0, 0, _batch);                                               // [B, D_out]
        var auxiliaryErrors = _auxiliaryErrors?.narrow(0, 0, _batch);                            // [B, D_out]
        if (_dictionary.SkipWeight is null) errors.copy_(_dictionary.DecoderBias.expand_as(errors));
        auxiliaryErrors?.copy_(_dictionary.DecoderBias.expand_as(auxiliaryErrors));
        Array.Clear(_penalties);
        Array.Clear(_activePairs);
        foreach (var block in _scan.Blocks)
        {
            using var scope = NewDisposeScope();
            SpreadBlock(block, channels);
            var decoder = _dictionary.DecoderWeight.narrow(0, block.First, block.Count);         // [block, D_out]
            errors.addmm_(_scan.ZTensor, decoder, beta: 1, alpha: 1);
            auxiliaryErrors?.addmm_(dense.Second(_batch, block.Count), decoder, beta: 1, alpha: 1);
        }

        _team.Run(WorkerTeam.Pieces(_batch, TokensPerPiece), _errorPiece);
        foreach (var block in _scan.Blocks)
        {
            using var scope = NewDisposeScope();
            SpreadBlock(block, channels);
            var decoder = _dictionary.DecoderWeight.narrow(0, block.First, block.Count);
            dense.DecoderGradient.narrow(0, 0, block.Count).addmm_(_scan.ZTensor.t(), errors, beta: 0, alpha: 1);
            var gradients = dense.First(_batch, block.Count).addmm_(errors, decoder.t(), beta: 0, alpha: 1);           // [B, block]
            if (auxiliaryErrors is not null)
                dense.Second(_batch, block.Count).addmm_(auxiliaryErrors, decoder.t(), beta: 0, alpha: 1);
            _team.Run(WorkerTeam.Pieces(_batch, TokensPerPiece), _gatherPiece);
            dense.EncoderGradient.narrow(0, 0, block.Count).addmm_(gradients.t(), _rows, beta: 0, alpha: 1);
            BuildLists(column: 0);
            _team.Run(WorkerTeam.Pieces(block.Count, FeaturesPerPiece), _denseFeaturePiece);
        }
    }

    /// <summary>Encodes a block and puts its activations where its pre-activations were.</summary>
    private void SpreadBlock(FeatureBlock block, PairChannel<T>[] channels)
    {
        _block = block;
        _scan.One(_rows, block, channels);
        _team.Run(WorkerTeam.Pieces(_batch, TokensPerPiece), _spreadPiece);
    }

    private void SpreadPiece(int piece)
    {
        Spread(_main[piece], piece, _scan.Z, static pairs => pairs.Values, clear: true);
        if (_rule.Auxiliary is not null) Spread(_auxiliary![piece], piece, _dense!.SecondRows, static pairs => pairs.Values, clear: true);
    }

    private void ErrorPiece(int piece)
    {
        var columnSums = _errorPartialRows + ((nint)piece * _outputDim);
        new Span<T>(columnSums, _outputDim).Clear();
        var (first, end) = Range(piece, TokensPerPiece, _batch);
        double squared = 0, second = 0;
        for (var row = first; row < end; row++)
        {
            var error = ErrorRow(0, row);
            var target = _target + ((nint)row * _outputDim);
            squared += double.CreateChecked(RowKernels<T>.Error(error, error, target, _errorScale, _outputDim));
            RowKernels<T>.AddScaled(columnSums, error, T.One, _outputDim);
            if (_auxiliaryErrors is null) continue;
            error = _auxiliaryErrorRows + ((nint)row * _outputDim);
            second += double.CreateChecked(RowKernels<T>.Error(error, error, target, _errorScale, _outputDim));
        }

        (_squaredErrors[piece], _losses[piece]) = (squared, squared + second);
    }

    /// <summary>Gives pairs their gradients, lets the architecture have its part, and puts the result in their place.</summary>
    private void GatherPiece(int piece)
    {
        var (main, dense) = (_main[piece], _dense!);
        Gather(main, piece, dense.FirstRows);
        for (var token = 0; token < main.Tokens; token++)
        {
            var pairs = main.Token(token);
            _penalties[piece] += _rule.Backward(pairs);
            _activePairs[piece] += ActiveOf(pairs);
        }

        Spread(main, piece, dense.FirstRows, static pairs => pairs.Gradients, clear: true);
        if (_rule.Auxiliary is null) return;
        var auxiliary = _auxiliary![piece];
        Gather(auxiliary, piece, dense.SecondRows);
        for (var token = 0; token < auxiliary.Tokens; token++) _penalties[piece] += _rule.BackwardAuxiliary(auxiliary.Token(token));
        Spread(auxiliary, piece, dense.FirstRows, static pairs => pairs.Gradients, clear: false);
    }

    private void DenseFeaturePiece(int piece)
    {
        var partial = BiasPartial(piece);
        var dense = _dense!;
        var (first, end) = Range(piece, FeaturesPerPiece, _block.Count);
        for (var i = first; i < end; i++)
        {
            _update.Feature(
                _block.First + i, dense.EncoderGradientRows + ((nint)i * _inputDim), dense.DecoderGradientRows + ((nint)i * _outputDim),
                _mainLists.Of(i), AuxiliaryPairs(i), partial);
        }
    }

    private delegate T* Column(PairView<T> pairs);

    private void Spread(PairSegment<T> segment, int piece, T* rows, Column column, bool clear)
    {
        for (var token = 0; token < segment.Tokens; token++)
        {
            var row = rows + ((((nint)piece * TokensPerPiece) + token) * _block.Count);
            if (clear) new Span<T>(row, _block.Count).Clear();
            var pairs = segment.Token(token);
            var numbers = column(pairs);
            for (var pair = 0; pair < pairs.Count; pair++) row[pairs.Indices[pair] - _block.First] += numbers[pair];
        }
    }

    private void Gather(PairSegment<T> segment, int piece, T* rows)
    {
        for (var token = 0; token < segment.Tokens; token++)
        {
            var row = rows + ((((nint)piece * TokensPerPiece) + token) * _block.Count);
            var pairs = segment.Token(token);
            for (var pair = 0; pair < pairs.Count; pair++) pairs.Gradients[pair] = row[pairs.Indices[pair] - _block.First];
        }
    }

    /// <summary>Memory that only this path needs, for one block of features.</summary>
    private sealed class DenseBuffers
    {
        private readonly WorkMemory _memory;

        public DenseBuffers(WorkMemory memory, int batchSize, int widest, int inputDim, int outputDim, bool hasAuxiliary)
        {
            var type = HostPointer.TypeOf<T>();
            _memory = memory;
            EncoderGradient = memory.Rows(WorkArea.EncoderGradient, widest, inputDim, type);
            DecoderGradient = memory.Rows(WorkArea.DecoderGradient, widest, outputDim, type);
            FirstRows = HostPointer.To<T>(memory.Area(WorkArea.Gradients, (long)batchSize * widest, type));
            SecondRows = hasAuxiliary ? HostPointer.To<T>(memory.Area(WorkArea.AuxiliaryGradients, (long)batchSize * widest, type)) : null;
            EncoderGradientRows = HostPointer.To<T>(EncoderGradient);
            DecoderGradientRows = HostPointer.To<T>(DecoderGradient);
        }

        /// <summary>[block, D].</summary>
        public Tensor EncoderGradient { get; }

        /// <summary>[block, D_out].</summary>
        public Tensor DecoderGradient { get; }

        public T* FirstRows { get; }

        public T* SecondRows { get; }

        public T* EncoderGradientRows { get; }

        public T* DecoderGradientRows { get; }

        /// <summary>Gradients by activations, then by pre-activations, [B, block].</summary>
        public Tensor First(int batch, int features) => _memory.Rows(WorkArea.Gradients, batch, features, HostPointer.TypeOf<T>());

        /// <summary>The same of the second reconstruction; in the first pass its activations.</summary>
        public Tensor Second(int batch, int features) => _memory.Rows(WorkArea.AuxiliaryGradients, batch, features, HostPointer.TypeOf<T>());
    }
}
