using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>Memory for one token at a time; one for each thread.</summary>
internal sealed unsafe class TokenScratch<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [ThreadStatic]
    private static TokenScratch<T>? _ofThisThread;

    private T[] _residual = [];

    /// <summary>Pairs of the token that lay in several places.</summary>
    public PairBuffer<T> Main { get; } = new(hasExtras: true);

    /// <summary>Its pairs of the second reconstruction.</summary>
    public PairBuffer<T> Auxiliary { get; } = new(hasExtras: false);

    /// <summary>What the reconstruction leaves, [D_out].</summary>
    public T* Residual => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_residual));

    /// <param name="outputDim">D_out.</param>
    public static TokenScratch<T> OfThisThread(int outputDim)
    {
        var scratch = _ofThisThread ??= new TokenScratch<T>();
        if (scratch._residual.Length < outputDim) scratch._residual = GC.AllocateUninitializedArray<T>(outputDim, pinned: true);
        return scratch;
    }
}
