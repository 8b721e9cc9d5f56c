namespace Orchestrator.Abstractions;

/// <summary>A place in the model where activations are read, by its TransformerLens name.</summary>
public static class HookPoint
{
    /// <summary>The MLP's hidden activations after the non-linearity, [B, T, d_mlp]: what the paper decomposes.</summary>
    public const string MlpPost = "blocks.0.mlp.hook_post";

    /// <summary>The hook points that can be harvested.</summary>
    public static IReadOnlyList<string> Known { get; } = [MlpPost];
}
