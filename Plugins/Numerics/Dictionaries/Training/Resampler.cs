using Orchestrator.Numerics.Dictionaries.Architectures;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Training;

/// <summary>
/// Draws new directions for dead features from inputs that the dictionary reconstructs badly, in proportion to their
/// squared loss (paper, "Resampling"), in one pass over any number of candidates, keeping no more vectors than it
/// draws. Where the paper is silent: the loss includes the L1 term where the architecture has one, a direction is
/// x − b_dec (what the decoder has to write; of a transcoder y − b_dec, and x for the encoder), and no input is drawn
/// twice (two features born equal would stay equal).
/// </summary>
/// <remarks>
/// Weighted sampling without replacement after Efraimidis and Spirakis: each candidate waits an exponential time with
/// its weight as rate; those with the shortest times are drawn, in that order.
/// </remarks>
/// <param name="dictionary">As trained so far.</param>
/// <param name="l1Coefficient">λ; 0 where there is no L1 term.</param>
/// <param name="draws">Directions to draw at most.</param>
/// <param name="random">One number is taken for each candidate.</param>
internal sealed class Resampler(SparseDictionary dictionary, double l1Coefficient, int draws, SeededRandom random)
{
    private const int RowsAtOnce = 1024;

    private readonly int _width = dictionary.ActivationDim + dictionary.OutputDim;

    // The longest time on top, to be dropped when a shorter one comes. Encoder direction, then decoder direction.
    private readonly PriorityQueue<float[], double> _drawn = new();

    /// <summary>Candidates seen.</summary>
    public long Seen { get; private set; }

    /// <param name="inputs">[N, D].</param>
    /// <param name="targets">[N, D_out].</param>
    public void Offer(Tensor inputs, Tensor targets)
    {
        for (long start = 0; start < inputs.shape[0]; start += RowsAtOnce)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            var count = Math.Min(RowsAtOnce, inputs.shape[0] - start);
            var x = inputs.narrow(0, start, count);                                              // [rows, D]
            var y = targets.narrow(0, start, count);                                             // [rows, D_out]
            var f = dictionary.EncodeSparse(x);
            var losses = HostMemory.ToSingles((dictionary.Reconstruct(x, f) - y).square().mean([1]));
            var directions = HostMemory.ToSingles(cat([dictionary.HasPreBias ? x - dictionary.DecoderBias : x, y - dictionary.DecoderBias], 1));
            for (var row = 0; row < losses.Length; row++)
            {
                double penalty = 0;
                foreach (var value in f.ValuesOf(row)) penalty += value;
                Offer(losses[row] + (l1Coefficient * penalty), directions.AsSpan(row * _width, _width));
            }
        }
    }

    /// <summary>The directions drawn, the first drawn first: D numbers for the encoder, D_out for the decoder; neither is zero.</summary>
    public float[][] Drawn()
    {
        var drawn = new float[_drawn.Count][];
        for (var i = drawn.Length - 1; i >= 0; i--) drawn[i] = _drawn.Dequeue();
        return drawn;
    }

    /// <summary>Gives dead features the directions drawn, and a fresh start in Adam.</summary>
    /// <param name="dead">Features, as many as there are <paramref name="drawn"/> directions.</param>
    /// <param name="encoderNorm">Norm of their new encoder rows.</param>
    /// <param name="step">Step at which they count as having fired.</param>
    public static void Apply(
        SparseDictionary dictionary, OptimiserState state, long[] dead, float[][] drawn, double encoderNorm, long step)
    {
        var (input, output) = (dictionary.ActivationDim, dictionary.OutputDim);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var features = HostMemory.ToTensor(dead, [dead.Length], dictionary.Device);                           // [dead]
        var rows = HostMemory.ToTensor(drawn.SelectMany(direction => direction).ToArray(), [dead.Length, input + output], dictionary.Device);
        dictionary.EncoderWeight.index_copy_(0, features, Unit(rows.narrow(1, 0, input)) * encoderNorm);      // [dead, D]
        dictionary.DecoderWeight.index_copy_(0, features, Unit(rows.narrow(1, input, output)));               // [dead, D_out]
        Tensor[] cleared = [state.Encoder.First, state.Encoder.Second, state.Decoder.First, state.Decoder.Second];
        foreach (var tensor in cleared) tensor.index_fill_(0, features, 0f);
        foreach (var (vector, parameter) in dictionary.Architecture.Vectors.Zip(state.Vectors)) Reset(dictionary, vector, parameter, features);
        state.LastFired.index_fill_(0, features, step);
    }

    private static void Reset(SparseDictionary dictionary, FeatureVector vector, TrainedParameter parameter, Tensor features)
    {
        dictionary.Vector(vector.Name).index_fill_(0, features, (float)vector.Initial);
        parameter.First.index_fill_(0, features, 0f);
        parameter.Second.index_fill_(0, features, 0f);
    }

    private static Tensor Unit(Tensor rows) => rows.div(rows.square().sum(dim: 1L, keepdim: true).sqrt_());

    private void Offer(double loss, ReadOnlySpan<float> directions)
    {
        // One random number for each candidate, used or not: the draw does not depend on how candidates are cut into batches.
        var uniform = 1 - random.NextDouble();
        Seen++;
        var weight = loss * loss;
        var hasBoth = directions[..dictionary.ActivationDim].IndexOfAnyExcept(0f) >= 0 && directions[dictionary.ActivationDim..].IndexOfAnyExcept(0f) >= 0;
        if (!(weight > 0) || !hasBoth) return;
        var time = -Math.Log(uniform) / weight;
        if (_drawn.Count < draws)
        {
            _drawn.Enqueue(directions.ToArray(), -time);
        }
        else if (_drawn.TryPeek(out var reused, out var longest) && time < -longest)
        {
            _drawn.Dequeue();
            directions.CopyTo(reused);
            _drawn.Enqueue(reused, -time);
        }
    }
}
