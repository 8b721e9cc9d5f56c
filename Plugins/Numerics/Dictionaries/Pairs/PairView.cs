using System.Numerics;

namespace Orchestrator.Numerics.Dictionaries.Pairs;

/// <summary>Neighbouring active pairs in memory: those of a token, or those of a feature.</summary>
internal readonly unsafe struct PairView<T>(int count, int* indices, T* values, T* gradients, T* extras)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public int Count => count;

    /// <summary>The features of a token's pairs, or the tokens of a feature's; ascending.</summary>
    public int* Indices => indices;

    /// <summary>Feature activations.</summary>
    public T* Values => values;

    /// <summary>Derivatives of the loss: by the activation at first, by the pre-activation once an architecture has seen them.</summary>
    public T* Gradients => gradients;

    /// <summary>One more number for each pair; null where the architecture needs none.</summary>
    public T* Extras => extras;

    /// <summary>Σ gradient, in order.</summary>
    public T GradientSum()
    {
        var sum = T.Zero;
        for (var pair = 0; pair < count; pair++) sum += gradients[pair];
        return sum;
    }

    /// <summary>The first of these pairs.</summary>
    public PairView<T> Take(int first) => new(first, indices, values, gradients, extras);

    /// <summary>Those after the first.</summary>
    public PairView<T> Skip(int first) =>
        new(count - first, indices + first, values + first, gradients + first, extras is null ? null : extras + first);
}
