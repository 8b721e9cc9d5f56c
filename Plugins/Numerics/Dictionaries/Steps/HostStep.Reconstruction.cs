using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>Reconstruction of tokens from their active pairs, its error, and the gradient of that error by each pair.</summary>
internal sealed unsafe partial class HostStep<T>
{
    /// <summary>Reconstructions begin at b_dec, or at b_dec + x W_skipᵀ in the rows that the errors will be in.</summary>
    private void StartReconstructions(TorchSharp.torch.Tensor x)
    {
        if (_dictionary.SkipWeight is not { } skip) return;
        var rows = _errors.narrow(0, 0, _batch);
        rows.copy_(_dictionary.DecoderBias.expand_as(rows));
        rows.addmm_(x, skip.t(), beta: 1, alpha: 1);
    }

    private void ReconstructPiece(int piece)
    {
        var scratch = TokenScratch<T>.OfThisThread(_outputDim);
        var columnSums = _errorPartialRows + ((nint)piece * _outputDim);
        new Span<T>(columnSums, _outputDim).Clear();
        var (first, end) = Range(piece, TokensPerPiece, _batch);
        var (main, auxiliary) = (_main[piece], _rule.Auxiliary is null ? null : _auxiliary![piece]);
        double squared = 0, loss = 0, penalty = 0;
        long active = 0;
        for (var row = first; row < end; row++)
        {
            var pairs = Pairs(main, row - first, scratch.Main);
            squared += double.CreateChecked(Reconstruct(row, pairs, scratch.Residual, ref loss));
            RowKernels<T>.AddScaled(columnSums, ErrorRow(0, row), T.One, _outputDim);
            penalty += _rule.Backward(pairs);
            active += ActiveOf(pairs);
            if (!main.IsContiguous) main.Scatter(row - first, scratch.Main);
            if (auxiliary is null) continue;
            var second = Pairs(auxiliary, row - first, scratch.Auxiliary);
            loss += ReconstructAgain(row, second, scratch.Residual);
            penalty += _rule.BackwardAuxiliary(second);
            if (!auxiliary.IsContiguous) auxiliary.Scatter(row - first, scratch.Auxiliary);
        }

        (_squaredErrors[piece], _losses[piece], _penalties[piece], _activePairs[piece]) = (squared, loss, penalty, active);
    }

    private static PairView<T> Pairs(PairSegment<T> segment, int token, PairBuffer<T> scratch)
    {
        if (segment.IsContiguous) return segment.Token(token);
        segment.Gather(token, scratch);
        return scratch.View(0, scratch.Count);
    }

    private long ActiveOf(in PairView<T> pairs)
    {
        if (!_rule.HasExtras) return pairs.Count;
        long active = 0;
        for (var pair = 0; pair < pairs.Count; pair++)
            if (pairs.Values[pair] > T.Zero) active++;
        return active;
    }

    /// <summary>
    /// Fills the error rows of a token: of each group, with what its features get as g, the sum over all groups that they
    /// take part in. Fills its pairs' gradients, and the residual.
    /// </summary>
    /// <returns>Squared error of the whole reconstruction, summed over elements.</returns>
    private T Reconstruct(int row, in PairView<T> pairs, T* residual, ref double loss)
    {
        var counts = stackalloc int[_groupEnds.Length];
        var last = _groupEnds.Length - 1;
        var start = _dictionary.SkipWeight is null ? _decoderBias : ErrorRow(0, row);
        var rest = pairs;
        for (var group = 0; group <= last; group++)
        {
            counts[group] = group == last ? rest.Count : CountBelow(rest, _groupEnds[group]);
            var sum = ErrorRow(group, row);
            RowKernels<T>.Combine(sum, start, _decoder, _outputDim, rest.Indices, rest.Values, counts[group]);
            start = sum;
            rest = rest.Skip(counts[group]);
        }

        var target = _target + ((nint)row * _outputDim);
        RowKernels<T>.Subtract(residual, target, ErrorRow(last, row), _outputDim);
        var share = T.One / T.CreateChecked(last + 1);
        var squared = T.Zero;
        for (var group = 0; group <= last; group++)
        {
            var error = ErrorRow(group, row);
            squared = RowKernels<T>.Error(error, error, target, _errorScale * share, _outputDim);
            loss += double.CreateChecked(squared * share);
        }

        for (var group = last - 1; group >= 0; group--)
            RowKernels<T>.AddScaled(ErrorRow(group, row), ErrorRow(group + 1, row), T.One, _outputDim);
        rest = pairs;
        for (var group = 0; group <= last; group++)
        {
            RowKernels<T>.Dots(ErrorRow(group, row), _decoder, _outputDim, rest.Indices, counts[group], rest.Gradients);
            rest = rest.Skip(counts[group]);
        }

        return squared;
    }

    /// <returns>What the second reconstruction's error adds to the loss, times the elements of the batch.</returns>
    private double ReconstructAgain(int row, in PairView<T> pairs, T* residual)
    {
        var purpose = _rule.AuxiliaryLoss!;
        var error = _auxiliaryErrorRows + ((nint)row * _outputDim);
        var start = purpose.IsOfResidual ? null : _decoderBias;
        var target = purpose.IsOfResidual ? residual : _target + ((nint)row * _outputDim);
        RowKernels<T>.Combine(error, start, _decoder, _outputDim, pairs.Indices, pairs.Values, pairs.Count);
        var coefficient = T.CreateChecked(purpose.Coefficient);
        var squared = RowKernels<T>.Error(error, error, target, _errorScale * coefficient, _outputDim);
        RowKernels<T>.Dots(error, _decoder, _outputDim, pairs.Indices, pairs.Count, pairs.Gradients);
        return double.CreateChecked(squared * coefficient);
    }

    private static int CountBelow(in PairView<T> pairs, int end)
    {
        var count = 0;
        while (count < pairs.Count && pairs.Indices[count] < end) count++;
        return count;
    }
}
