using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Kernels;

/// <summary>
/// Memory that a step or an encoding needs while it runs: some multiples of the batch, nothing of which outlasts it. The
/// dictionaries of a stream step one after another, so that they share one such memory; what runs at the same time has its
/// own. It grows to the largest that was asked for and stays.
/// </summary>
internal sealed class WorkMemory : IDisposable
{
    private static readonly ConcurrentBag<WorkMemory> Free = [];

    private readonly Tensor?[] _areas = new Tensor?[Enum.GetValues<WorkArea>().Length];

    /// <summary>One that nobody uses; to be given back by <see cref="Return"/>.</summary>
    public static WorkMemory Rent() => Free.TryTake(out var memory) ? memory : new WorkMemory();

    public void Return() => Free.Add(this);

    /// <summary>An area, its content undefined: the same tensor until more of it, or another type, is asked for.</summary>
    /// <returns>At least so many elements, one-dimensional; stays this memory's.</returns>
    public Tensor Area(WorkArea area, long elements, ScalarType type)
    {
        ref var memory = ref _areas[(int)area];
        if (memory is not null && memory.dtype == type && memory.numel() >= elements) return memory;
        memory?.Dispose();
        return memory = empty(elements, type).DetachFromDisposeScope();
    }

    /// <summary>The beginning of an area as a matrix.</summary>
    /// <returns>[rows, columns], of the caller's dispose scope.</returns>
    public Tensor Rows(WorkArea area, long rows, long columns, ScalarType type) =>
        Area(area, rows * columns, type).narrow(0, 0, rows * columns).view(rows, columns);

    public void Dispose()
    {
        foreach (var area in _areas) area?.Dispose();
    }
}

/// <summary>What lies in a <see cref="WorkMemory"/>. B batch, D activation, D_out output, G groups, block: features of a block.</summary>
internal enum WorkArea
{
    /// <summary>Pre-activations, [B, block].</summary>
    PreActivations,

    /// <summary>Inputs rounded to bfloat16, [B, D].</summary>
    HalfRows,

    /// <summary>Encoder rows rounded to bfloat16, [block, D].</summary>
    HalfWeight,

    /// <summary>Their product, [B, block].</summary>
    HalfProduct,

    /// <summary>x − b_dec, [B, D].</summary>
    Centred,

    /// <summary>What the features of each group get as gradient of the reconstruction, [G, B, D_out].</summary>
    Errors,

    /// <summary>The same of a second reconstruction, [B, D_out].</summary>
    AuxiliaryErrors,

    /// <summary>Gradients by activations, [B, block].</summary>
    Gradients,

    /// <summary>The same of a second reconstruction, [B, block].</summary>
    AuxiliaryGradients,

    /// <summary>[block, D].</summary>
    EncoderGradient,

    /// <summary>[block, D_out].</summary>
    DecoderGradient,
}
