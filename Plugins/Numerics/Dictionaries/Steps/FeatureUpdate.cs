using System.Numerics;
using Orchestrator.Numerics.Dictionaries.Architectures;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Training;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>
/// What happens to parameters on the CPU once their gradients are known: projection, Adam, renormalisation. A feature's
/// rows are read and written once. Different features may come on different threads at once.
/// </summary>
internal sealed unsafe class FeatureUpdate<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int RowsPerPiece = 16;

    private readonly HostRule<T> _rule;
    private readonly int _inputDim;
    private readonly int _outputDim;
    private readonly Row _encoder;
    private readonly Row _decoder;
    private readonly Row _decoderBias;
    private readonly Row[] _vectors;
    private readonly bool[] _nonNegative;        // by vector
    private readonly long* _lastFired;
    private readonly bool _hasPreBias;
    private readonly Row _skip;
    private readonly Tensor? _skipGradient;      // [D_out, D]
    private readonly Action<int> _skipPiece;

    private AdamStep<T> _adam;
    private long _step;

    public FeatureUpdate(SparseDictionary dictionary, OptimiserState state, HostRule<T> rule)
    {
        _rule = rule;
        (_inputDim, _outputDim, _hasPreBias) = (dictionary.ActivationDim, dictionary.OutputDim, dictionary.HasPreBias);
        (_encoder, _decoder, _decoderBias) = (new Row(state.Encoder), new Row(state.Decoder), new Row(state.DecoderBias));
        _vectors = [.. state.Vectors.Select(vector => new Row(vector))];
        _nonNegative = [.. dictionary.Architecture.Vectors.Select(vector => vector.IsNonNegative)];
        _lastFired = HostPointer.Longs(state.LastFired);
        _skipPiece = SkipPiece;
        if (state.Skip is null) return;
        _skip = new Row(state.Skip);
        _skipGradient = empty_like(state.Skip.Value).DetachFromDisposeScope();
    }

    /// <summary>Begins a step.</summary>
    public void Begin(in StepSettings settings) => (_adam, _step) = (new AdamStep<T>(settings.Number, settings.LearningRate), settings.Number);

    /// <summary>Updates a feature's rows and its numbers in the feature vectors.</summary>
    /// <param name="encoderGradient">[D].</param>
    /// <param name="decoderGradient">[D_out].</param>
    /// <param name="main">All its pairs.</param>
    /// <param name="auxiliary">All its pairs of the second reconstruction.</param>
    /// <param name="biasPartial">Gets (Σ p) w added, [D].</param>
    public void Feature(
        int feature, T* encoderGradient, T* decoderGradient, in PairView<T> main, in PairView<T> auxiliary, T* biasPartial)
    {
        var (encoder, decoder) = (_encoder.At(feature, _inputDim), _decoder.At(feature, _outputDim));
        if (_hasPreBias)
        {
            var sum = main.GradientSum() + auxiliary.GradientSum();
            if (sum != T.Zero) RowKernels<T>.AddScaled(biasPartial, encoder.Value, sum, _inputDim);
        }

        encoder.Adam(encoderGradient, T.Zero, _adam, _inputDim);
        var parallel = RowKernels<T>.Dot(decoderGradient, decoder.Value, _outputDim);
        var square = decoder.Adam(decoderGradient, parallel, _adam, _outputDim);
        RowKernels<T>.Scale(decoder.Value, T.One / T.Sqrt(square), _outputDim);
        UpdateVectors(feature, main, auxiliary);
        for (var pair = 0; pair < main.Count; pair++)
        {
            if (!(main.Values[pair] > T.Zero)) continue;
            _lastFired[feature] = _step;
            break;
        }
    }

    /// <param name="gradient">[D_out].</param>
    public void DecoderBias(T* gradient) => _decoderBias.Adam(gradient, T.Zero, _adam, _outputDim);

    /// <summary>Updates the path around the features, where there is one.</summary>
    /// <param name="x">[B, D].</param>
    /// <param name="errors">g, [B, D_out].</param>
    public void Skip(Tensor x, Tensor errors, WorkerTeam team)
    {
        if (_skipGradient is null) return;
        _skipGradient.addmm_(errors.t(), x, beta: 0, alpha: 1);
        team.Run(WorkerTeam.Pieces(_outputDim, RowsPerPiece), _skipPiece);
    }

    private void SkipPiece(int piece)
    {
        var gradients = HostPointer.To<T>(_skipGradient!);
        for (var row = piece * RowsPerPiece; row < Math.Min(_outputDim, (piece + 1) * RowsPerPiece); row++)
            _skip.At(row, _inputDim).Adam(gradients + ((nint)row * _inputDim), T.Zero, _adam, _inputDim);
    }

    private void UpdateVectors(int feature, in PairView<T> main, in PairView<T> auxiliary)
    {
        var gradients = stackalloc T[_vectors.Length];
        _rule.VectorGradients(feature, main, auxiliary, gradients);
        for (var i = 0; i < _vectors.Length; i++)
        {
            var number = _vectors[i].At(feature, 1);
            *number.Value = RowKernels<T>.AdamElement(*number.Value, ref *number.First, ref *number.Second, gradients[i], _adam);
            if (_nonNegative[i]) *number.Value = T.MaxNumber(*number.Value, T.Zero);
        }
    }

    /// <summary>A row of a parameter and of its moments.</summary>
    private readonly struct Row(T* value, T* first, T* second)
    {
        public Row(TrainedParameter parameter)
            : this(HostPointer.To<T>(parameter.Value), HostPointer.To<T>(parameter.First), HostPointer.To<T>(parameter.Second))
        {
        }

        public T* Value => value;

        public T* First => first;

        public T* Second => second;

        public Row At(int row, int length)
        {
            var at = (nint)row * length;
            return new(value + at, first + at, second + at);
        }

        /// <inheritdoc cref="RowKernels{T}.Adam"/>
        public T Adam(T* gradient, T parallel, in AdamStep<T> step, int length) =>
            RowKernels<T>.Adam(value, first, second, gradient, parallel, step, length);
    }
}
