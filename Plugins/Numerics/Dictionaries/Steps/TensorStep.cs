using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Architectures;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>
/// The same step as <see cref="HostStep{T}"/> in libtorch's operations, for devices other than the CPU. Where few pairs
/// are active it gathers and scatters them, else it multiplies matrices.
/// Legend: B batch, D activation, D_out output, F feature, P active pairs.
/// </summary>
internal sealed class TensorStep : IDictionaryStep
{
    /// <summary>
    /// Pairs are gathered below this share: a gathered row costs memory traffic, a matrix product of a GPU hardly more than
    /// its operands.
    /// </summary>
    private const double SparseBelow = 0.01;

    /// <summary>Numbers gathered at once.</summary>
    private const long ElementsAtOnce = 1L << 26;

    private readonly SparseDictionary _dictionary;
    private readonly OptimiserState _state;
    private readonly TensorRule _rule;
    private readonly GradientPath _path;
    private readonly long[] _groupEnds;
    private readonly Tensor _deviceSums;     // squared error, loss and L0, summed over steps
    private long _steps;

    public TensorStep(SparseDictionary dictionary, OptimiserState state, GradientPath path)
    {
        (_dictionary, _state, _path) = (dictionary, state, path);
        _rule = dictionary.Architecture.Rule(new TensorBinding(dictionary, state));
        _groupEnds = [.. (_rule.Groups ?? [dictionary.FeatureCount]).Select(end => (long)end)];
        _deviceSums = zeros(3, ScalarType.Float64, dictionary.Device).DetachFromDisposeScope();
    }

    public void Run(Tensor x, Tensor target, in StepSettings settings)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var batch = x.shape[0];
        _rule.Begin(settings, (int)batch);
        var rows = _dictionary.HasPreBias ? x - _dictionary.DecoderBias : x;                    // [B, D]
        var z = Product(rows, _dictionary.EncoderWeight.t());                                   // [B, F]
        var pairs = _rule.Select(z);
        var again = _rule.SelectAuxiliary(z);
        z.Dispose();
        var isSparse = IsSparse(pairs, batch);
        var (first, numbers) = Reconstruct(pairs, isSparse, x, target);
        var second = again is null ? null : ReconstructAgain(again, isSparse, target, first, numbers);
        var gradients = Gradients(pairs, first, second, rows);
        var skipGradient = _state.Skip is null ? null : first.Errors[0].t().mm(x);              // [D_out, D]
        Update(gradients, skipGradient, settings);
        var fired = pairs.Features.index_select(0, (pairs.Values > 0).nonzero().squeeze(1));
        _state.LastFired.index_fill_(0, fired, settings.Number);
        _rule.End();
        AddSums(numbers, (double)fired.shape[0] / batch);
    }

    public void Collect(StepSums sums)
    {
        using var scope = NewDisposeScope();
        var read = _deviceSums.cpu().data<double>().ToArray();
        sums.Add(_steps, read[0], read[1], read[2]);
        _deviceSums.zero_();
        _steps = 0;
    }

    public void Dispose() => _deviceSums.Dispose();

    private bool IsSparse(TensorPairs pairs, long batch) => _path switch
    {
        GradientPath.DenseTensors => false,
        GradientPath.SparseTensors => true,
        _ => pairs.Count < SparseBelow * batch * _dictionary.FeatureCount,
    };

    /// <summary>In the precision that the definition asks for; the result is of the first factor's type.</summary>
    private Tensor Product(Tensor a, Tensor b)
    {
        if (_dictionary.Definition.Precision is MatrixPrecision.BFloat16)
            return a.to(ScalarType.BFloat16).mm(b.to(ScalarType.BFloat16)).to(a.dtype);
        if (_dictionary.Definition.Precision is not MatrixPrecision.TensorFloat32 || a.device_type != DeviceType.CUDA)
            return a.mm(b);
        using var allowed = TensorFloat32.Allow();
        return a.mm(b);
    }

    /// <summary>Σ over each token's pairs of number · row of the feature.</summary>
    private static Tensor Combine(TensorPairs pairs, Tensor numbers, Tensor rows, long tokens, bool isSparse) => isSparse
        ? GatherAdd(pairs.Features, pairs.Tokens, numbers, rows, tokens)
        : pairs.ToDense(numbers, tokens, rows.shape[0]).mm(rows);

    /// <summary>For each pair, the product of its token's row and its feature's row.</summary>
    private static Tensor Dots(TensorPairs pairs, Tensor tokenRows, Tensor featureRows, bool isSparse)
    {
        if (!isSparse)
        {
            var all = tokenRows.mm(featureRows.t());                                            // [B, F]
            return all.view(-1).index_select(0, (pairs.Tokens * featureRows.shape[0]) + pairs.Features);
        }

        var dots = empty(pairs.Count, tokenRows.dtype, tokenRows.device);
        foreach (var (start, count) in Pieces(pairs.Count, tokenRows.shape[1]))
        {
            using var scope = NewDisposeScope();
            var products = tokenRows.index_select(0, pairs.Tokens.narrow(0, start, count))
                * featureRows.index_select(0, pairs.Features.narrow(0, start, count));          // [piece, D_out]
            dots.narrow(0, start, count).copy_(products.sum(dim: 1L));
        }

        return dots;
    }

    /// <summary>sums[to] += number · rows[from], for each pair; in a fixed order on every device.</summary>
    private static Tensor GatherAdd(Tensor from, Tensor to, Tensor numbers, Tensor rows, long sumCount)
    {
        var sums = zeros(sumCount, rows.shape[1], rows.dtype, rows.device);
        foreach (var (start, count) in Pieces(numbers.shape[0], rows.shape[1]))
        {
            using var scope = NewDisposeScope();
            var gathered = rows.index_select(0, from.narrow(0, start, count)).mul_(numbers.narrow(0, start, count).unsqueeze(1));
            sums.index_put_(gathered, [to.narrow(0, start, count)], accumulate: true);
        }

        return sums;
    }

    private static IEnumerable<(long Start, long Count)> Pieces(long pairs, long width)
    {
        var atOnce = Math.Max(1, ElementsAtOnce / width);
        for (long start = 0; start < pairs; start += atOnce) yield return (start, Math.Min(atOnce, pairs - start));
    }

    private static void Adam(TrainedParameter parameter, Tensor gradient, in AdamStep<double> adam)
    {
        parameter.First.mul_(adam.Beta1).add_(gradient, 1 - adam.Beta1);
        parameter.Second.mul_(adam.Beta2).addcmul_(gradient, gradient, 1 - adam.Beta2);
        var root = parameter.Second.sqrt().mul_(adam.InverseRootCorrection).add_(adam.Epsilon);
        parameter.Value.addcdiv_(parameter.First, root, -adam.Size);
    }

    private (Reconstruction, StepNumbers) Reconstruct(TensorPairs pairs, bool isSparse, Tensor x, Tensor target)
    {
        var batch = x.shape[0];
        var scale = 2.0 / ((double)batch * _dictionary.OutputDim * _groupEnds.Length);
        var xHat = _dictionary.DecoderBias.expand(batch, _dictionary.OutputDim).clone();        // [B, D_out]
        if (_dictionary.SkipWeight is { } skip) xHat.addmm_(x, skip.t(), beta: 1, alpha: 1);
        var groups = Groups(pairs);
        var errors = new Tensor[groups.Length];
        var loss = zeros([], x.dtype, x.device);
        var squared = loss;
        for (var group = 0; group < groups.Length; group++)
        {
            var part = groups[group];
            xHat.add_(Combine(part.Pairs, part.Pairs.Values, _dictionary.DecoderWeight, batch, isSparse));
            errors[group] = xHat - target;
            squared = errors[group].square().mean();
            loss = loss + (squared / groups.Length);
            errors[group].mul_(scale);
        }

        var residual = target - xHat;
        for (var group = groups.Length - 2; group >= 0; group--) errors[group].add_(errors[group + 1]);
        var gradients = zeros(pairs.Count, x.dtype, x.device);
        for (var group = 0; group < groups.Length; group++)
        {
            var part = groups[group];
            var dots = Dots(part.Pairs, errors[group], _dictionary.DecoderWeight, isSparse);
            gradients.index_copy_(0, part.Places, dots);
        }

        var (byZ, penalty) = _rule.Backward(pairs, gradients);
        var numbers = new StepNumbers { SquaredError = squared, Loss = penalty is null ? loss : loss + penalty };
        return (new Reconstruction(groups, errors, residual, byZ, isSparse), numbers);
    }

    private Reconstruction ReconstructAgain(TensorPairs pairs, bool isSparse, Tensor target, Reconstruction first, StepNumbers numbers)
    {
        var purpose = _rule.AuxiliaryLoss!;
        var batch = target.shape[0];
        var wanted = purpose.IsOfResidual ? first.Residual : target;
        var error = Combine(pairs, pairs.Values, _dictionary.DecoderWeight, batch, isSparse).sub_(wanted);
        if (!purpose.IsOfResidual) error.add_(_dictionary.DecoderBias);
        numbers.Loss = numbers.Loss + (error.square().mean() * purpose.Coefficient);
        error.mul_(2.0 * purpose.Coefficient / ((double)batch * _dictionary.OutputDim));
        var (byZ, penalty) = _rule.BackwardAuxiliary(pairs, Dots(pairs, error, _dictionary.DecoderWeight, isSparse));
        if (penalty is not null) numbers.Loss = numbers.Loss + penalty;
        var all = arange(pairs.Count, ScalarType.Int64, target.device);
        return new Reconstruction([(pairs, all)], [error], first.Residual, byZ, isSparse);
    }

    private WeightGradients Gradients(TensorPairs pairs, Reconstruction first, Reconstruction? second, Tensor rows)
    {
        var decoder = first.DecoderGradient(_dictionary.FeatureCount);
        var encoder = first.EncoderGradient(rows, _dictionary.FeatureCount);
        var sums = pairs.SumByFeature(first.ByZ, _dictionary.FeatureCount);                     // [F], Σ p
        (TensorPairs, Tensor)? auxiliary = null;
        if (second is not null)
        {
            var again = second.Groups[0].Pairs;
            auxiliary = (again, second.ByZ);
            encoder.add_(second.EncoderGradient(rows, _dictionary.FeatureCount));
            if (_rule.AuxiliaryLoss!.IsOfResidual) decoder.add_(second.DecoderGradient(_dictionary.FeatureCount));
            sums.add_(again.SumByFeature(second.ByZ, _dictionary.FeatureCount));
        }

        var bias = first.Errors[0].sum(dim: 0L);                                                // [D_out]
        if (_dictionary.HasPreBias) bias.sub_(_dictionary.EncoderWeight.t().mv(sums));
        return new WeightGradients(encoder, decoder, bias, _rule.VectorGradients((pairs, first.ByZ), auxiliary));
    }

    private void Update(WeightGradients gradients, Tensor? skipGradient, in StepSettings settings)
    {
        var adam = new AdamStep<double>(settings.Number, settings.LearningRate);
        var weight = _dictionary.DecoderWeight;
        gradients.Decoder.sub_((gradients.Decoder * weight).sum(dim: 1L, keepdim: true) * weight);
        Adam(_state.Encoder, gradients.Encoder, adam);
        Adam(_state.Decoder, gradients.Decoder, adam);
        Adam(_state.DecoderBias, gradients.DecoderBias, adam);
        if (skipGradient is not null) Adam(_state.Skip!, skipGradient, adam);
        weight.div_(weight.square().sum(dim: 1L, keepdim: true).sqrt_());
        foreach (var (vector, parameter, gradient) in _dictionary.Architecture.Vectors.Zip(_state.Vectors, gradients.Vectors))
        {
            Adam(parameter, gradient, adam);
            if (vector.IsNonNegative) parameter.Value.clamp_min_(0);
        }
    }

    /// <summary>The pairs of each group, and their places among all.</summary>
    private (TensorPairs Pairs, Tensor Places)[] Groups(TensorPairs pairs)
    {
        if (_groupEnds.Length == 1) return [(pairs, arange(pairs.Count, ScalarType.Int64, pairs.Values.device))];
        return Array.ConvertAll([.. Enumerable.Range(0, _groupEnds.Length)], group =>
        {
            var start = group == 0 ? 0 : _groupEnds[group - 1];
            var places = (pairs.Features >= start).logical_and_(pairs.Features < _groupEnds[group]).nonzero().squeeze(1);
            return (new TensorPairs(pairs.Tokens.index_select(0, places), pairs.Features.index_select(0, places), pairs.Values.index_select(0, places)), places);
        });
    }

    private void AddSums(StepNumbers numbers, double l0)
    {
        Tensor[] all = [numbers.SquaredError, numbers.Loss, full([], l0, ScalarType.Float64, _dictionary.Device)];
        _deviceSums.add_(stack(Array.ConvertAll(all, number => number.to(ScalarType.Float64))));
        _steps++;
    }

    /// <summary>Scalars of a step, on the device.</summary>
    private sealed class StepNumbers
    {
        public required Tensor SquaredError { get; init; }

        public required Tensor Loss { get; set; }
    }

    /// <summary>A reconstruction and what the gradients need of it.</summary>
    /// <param name="Groups">Pairs of each group and their places among all.</param>
    /// <param name="Errors">What each group's features get as g, [B, D_out] each.</param>
    /// <param name="Residual">Target less reconstruction, [B, D_out].</param>
    /// <param name="ByZ">∂L/∂z of all pairs, [P].</param>
    /// <param name="IsSparse">Whether pairs are gathered.</param>
    private sealed record Reconstruction(
        (TensorPairs Pairs, Tensor Places)[] Groups, Tensor[] Errors, Tensor Residual, Tensor ByZ, bool IsSparse)
    {
        /// <summary>[F, D_out].</summary>
        public Tensor DecoderGradient(long features)
        {
            Tensor? sum = null;
            for (var group = 0; group < Groups.Length; group++)
            {
                var part = SumByFeature(Groups[group].Pairs, Groups[group].Pairs.Values, Errors[group], features);
                sum = sum is null ? part : sum.add_(part);
            }

            return sum!;
        }

        /// <param name="rows">What was encoded, [B, D].</param>
        /// <returns>[F, D].</returns>
        public Tensor EncoderGradient(Tensor rows, long features)
        {
            Tensor? sum = null;
            foreach (var (pairs, places) in Groups)
            {
                var part = SumByFeature(pairs, ByZ.index_select(0, places), rows, features);
                sum = sum is null ? part : sum.add_(part);
            }

            return sum!;
        }

        private Tensor SumByFeature(TensorPairs pairs, Tensor numbers, Tensor tokenRows, long features) => IsSparse
            ? GatherAdd(pairs.Tokens, pairs.Features, numbers, tokenRows, features)
            : pairs.ToDense(numbers, tokenRows.shape[0], features).t().mm(tokenRows);
    }

    private sealed record WeightGradients(Tensor Encoder, Tensor Decoder, Tensor DecoderBias, Tensor[] Vectors);
}
