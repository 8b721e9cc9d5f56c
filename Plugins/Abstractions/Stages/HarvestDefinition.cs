using System.Text.Json.Serialization;

namespace Orchestrator.Abstractions.Stages;

/// <summary>
/// One stream of activations: contexts in a seeded random order, run through the model to a hook point, shuffled in a
/// buffer that is filled whole, served whole and filled again. A stream is the same for all dictionaries that name it.
/// </summary>
public sealed record HarvestDefinition
{
    /// <summary>Where inputs are read; the default is the paper's.</summary>
    public HookPoint HookPoint { get; init; } = new(0, HookPointKind.MlpPost);

    /// <summary>
    /// Where targets are read, of the same token as the input, for dictionaries that compute one hook point from another
    /// (transcoders); null: an input is its own target.
    /// </summary>
    public HookPoint? TargetHookPoint { get; init; }

    /// <summary>What is reconstructed: the target, or where there is none the input.</summary>
    [JsonIgnore]
    public HookPoint OutputHookPoint => TargetHookPoint ?? HookPoint;

    /// <summary>
    /// Activation vectors the buffer holds; × (width of the input + width of a target of its own) × 4 bytes is its memory.
    /// </summary>
    public int BufferVectors { get; init; } = 65_536;

    /// <summary>Contexts in one forward pass.</summary>
    public int BatchContexts { get; init; } = 32;

    /// <summary>Seed of the order of contexts and of the shuffle.</summary>
    public required ulong Seed { get; init; }
}
