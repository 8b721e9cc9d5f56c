using Orchestrator.Abstractions;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>How far a forward pass has come: all that is needed to go on.</summary>
/// <param name="At">The hook point.</param>
/// <param name="Value">What stands there, [N, D].</param>
/// <param name="Residual">The stream that what follows from the value is added to, [N, d]; null where the value is the stream itself.</param>
internal readonly record struct StreamPoint(HookPoint At, Tensor Value, Tensor? Residual)
{
    /// <summary>In front of the first block.</summary>
    public static StreamPoint Start(Tensor residual) => new(new HookPoint(0, HookPointKind.ResidPre), residual, null);

    public bool Holds(Tensor tensor) => ReferenceEquals(tensor, Value) || ReferenceEquals(tensor, Residual);
}
