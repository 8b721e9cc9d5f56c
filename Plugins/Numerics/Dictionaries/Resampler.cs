using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>
/// Draws new directions for dead features from inputs that the dictionary reconstructs badly, in proportion to their
/// squared loss (paper, "Resampling"), in one pass over any number of candidates, keeping no more vectors than it
/// draws. Where the paper is silent: the loss includes the L1 term, a direction is x − b_dec (what the decoder has to
/// write), and no input is drawn twice (two features born equal would stay equal).
/// </summary>
/// <remarks>
/// Weighted sampling without replacement after Efraimidis and Spirakis: each candidate waits an exponential time with
/// its weight as rate; those with the shortest times are drawn, in that order.
/// </remarks>
internal sealed class Resampler(SparseDictionary dictionary, double l1Coefficient, int draws, SeededRandom random)
{
    private const int RowsAtOnce = 1024;

    // The longest time on top, to be dropped when a shorter one comes.
    private readonly PriorityQueue<float[], double> _drawn = new();

    /// <summary>Candidates seen.</summary>
    public long Seen { get; private set; }

    /// <param name="candidates">[N, D].</param>
    public void Offer(Tensor candidates)
    {
        for (long start = 0; start < candidates.shape[0]; start += RowsAtOnce)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            var x = candidates.narrow(0, start, Math.Min(RowsAtOnce, candidates.shape[0] - start));   // [rows, D]
            var f = dictionary.Encode(x);                                                             // [rows, F]
            var errors = (dictionary.Decode(f) - x).square().mean([1]);                               // [rows]
            var losses = HostMemory.ToSingles(errors + (f.sum(dim: 1L) * l1Coefficient));
            var directions = HostMemory.ToSingles(x - dictionary.DecoderBias);
            for (var row = 0; row < losses.Length; row++)
                Offer(losses[row], directions.AsSpan(row * dictionary.ActivationDim, dictionary.ActivationDim));
        }
    }

    /// <summary>The directions drawn, the first drawn first; not normalised, none of them zero.</summary>
    public float[][] Drawn()
    {
        var drawn = new float[_drawn.Count][];
        for (var i = drawn.Length - 1; i >= 0; i--) drawn[i] = _drawn.Dequeue();
        return drawn;
    }

    private void Offer(float loss, ReadOnlySpan<float> direction)
    {
        // One random number for each candidate, used or not: the draw does not depend on how candidates are cut into batches.
        var uniform = 1 - random.NextDouble();
        Seen++;
        var weight = (double)loss * loss;
        if (!(weight > 0) || direction.IndexOfAnyExcept(0f) < 0) return;
        var time = -Math.Log(uniform) / weight;
        if (_drawn.Count < draws)
        {
            _drawn.Enqueue(direction.ToArray(), -time);
        }
        else if (_drawn.TryPeek(out var reused, out var longest) && time < -longest)
        {
            _drawn.Dequeue();
            direction.CopyTo(reused);
            _drawn.Enqueue(reused, -time);
        }
    }

    /// <summary>Gives dead features the directions drawn, and a fresh start in Adam.</summary>
    /// <param name="dead">Features, as many as there are <paramref name="drawn"/> directions.</param>
    /// <param name="encoderNorm">Norm of their new encoder rows.</param>
    /// <param name="step">Step at which they count as having fired.</param>
    public static void Apply(
        SparseDictionary dictionary, OptimiserState state, long[] dead, float[][] drawn, double encoderNorm, long step)
    {
        var rows = drawn.SelectMany(direction => direction).ToArray();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var features = HostMemory.ToTensor(dead, [dead.Length], dictionary.Device);                           // [dead]
        var directions = HostMemory.ToTensor(rows, [dead.Length, dictionary.ActivationDim], dictionary.Device);
        var unit = directions.div(directions.square().sum(dim: 1L, keepdim: true).sqrt_());                   // [dead, D]
        dictionary.DecoderWeight.index_copy_(0, features, unit);
        dictionary.EncoderWeight.index_copy_(0, features, unit * encoderNorm);
        Tensor[] cleared =
        [
            dictionary.EncoderBias, state.EncoderBias.First, state.EncoderBias.Second, state.Encoder.First,
            state.Encoder.Second, state.Decoder.First, state.Decoder.Second,
        ];
        foreach (var tensor in cleared) tensor.index_fill_(0, features, 0f);
        state.LastFired.index_fill_(0, features, step);
    }
}
