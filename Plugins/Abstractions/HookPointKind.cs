namespace Orchestrator.Abstractions;

/// <summary>The places in a block where activations are read, in the order in which the block computes them.</summary>
public enum HookPointKind
{
    /// <summary><c>hook_resid_pre</c>: the residual stream that the block reads.</summary>
    ResidPre,

    /// <summary><c>hook_attn_out</c>: what attention adds to the stream, its output bias included.</summary>
    AttnOut,

    /// <summary><c>hook_resid_mid</c>: the stream between attention and MLP.</summary>
    ResidMid,

    /// <summary>
    /// <c>ln2.hook_normalized</c>: what the MLP reads, gain and bias of the normalisation included (of an RMSNorm too,
    /// whose hook TransformerLens sets in front of the gain).
    /// </summary>
    Ln2Normalized,

    /// <summary><c>mlp.hook_pre</c>: the MLP's hidden layer before the non-linearity.</summary>
    MlpPre,

    /// <summary><c>mlp.hook_post</c>: the MLP's hidden layer after the non-linearity.</summary>
    MlpPost,

    /// <summary><c>hook_mlp_out</c>: what the MLP adds to the stream, its output bias included.</summary>
    MlpOut,

    /// <summary><c>hook_resid_post</c>: the stream that the block leaves; the next block's <c>hook_resid_pre</c>.</summary>
    ResidPost,
}
