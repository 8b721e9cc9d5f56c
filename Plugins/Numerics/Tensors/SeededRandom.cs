using System.Numerics;

namespace Orchestrator.Numerics.Tensors;

/// <summary>
/// A xoshiro256** generator whose whole state can be saved. It depends on its seed alone: not on the process-wide seed of
/// libtorch, not on who else draws, not on threads.
/// </summary>
public sealed class SeededRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    public SeededRandom(ulong seed)
    {
        // SplitMix64 fills the state, so that near seeds give unrelated streams and the state is never all zero.
        _s0 = Mix(seed += Golden);
        _s1 = Mix(seed += Golden);
        _s2 = Mix(seed += Golden);
        _s3 = Mix(seed + Golden);
    }

    /// <summary>What <see cref="Restore"/> takes to go on with the same numbers.</summary>
    public SeededRandomState State => new(_s0, _s1, _s2, _s3);

    /// <summary>A seed for a numbered part of a seeded whole: equal for equal arguments, unrelated otherwise.</summary>
    public static ulong Derive(ulong seed, ulong part) => Mix(Mix(seed + Golden) + unchecked((part + 1) * Golden));

    /// <exception cref="ArgumentException">The state is all zero, which no generator reaches.</exception>
    public void Restore(SeededRandomState state)
    {
        if ((state.S0 | state.S1 | state.S2 | state.S3) == 0)
            throw new ArgumentException("The state of a generator is never all zero.", nameof(state));
        (_s0, _s1, _s2, _s3) = (state.S0, state.S1, state.S2, state.S3);
    }

    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in 0 ≤ x &lt; bound, without modulo bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)NextBelow((ulong)bound);
    }

    /// <summary>Uniform in 0 ≤ x &lt; bound, without modulo bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public long NextLong(long bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (long)NextBelow((ulong)bound);
    }

    /// <summary>Uniform in 0 ≤ x &lt; 1, with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal.</summary>
    public double NextGaussian()
    {
        // Box-Muller without its second value: keeping that would be state beyond the four words.
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Puts the items into a uniformly random order.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Fills with normal values of mean 0 and the given standard deviation.</summary>
    public void FillGaussian(Span<float> values, double deviation)
    {
        foreach (ref var value in values)
            value = (float)(NextGaussian() * deviation);
    }

    private ulong NextBelow(ulong bound)
    {
        // Lemire: the high word of a 128-bit product is uniform once the few biased low words are rejected.
        var high = Math.BigMul(NextUInt64(), bound, out var low);
        if (low < bound)
        {
            var threshold = (0 - bound) % bound;
            while (low < threshold)
                high = Math.BigMul(NextUInt64(), bound, out low);
        }

        return high;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>The four words of a <see cref="SeededRandom"/>.</summary>
public readonly record struct SeededRandomState(ulong S0, ulong S1, ulong S2, ulong S3);
