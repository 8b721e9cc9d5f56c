namespace Orchestrator.Numerics.Dictionaries;

/// <summary>Between which activations of a model a dictionary stands.</summary>
/// <param name="HookPoint">Where its inputs are read.</param>
/// <param name="ActivationDim">D.</param>
/// <param name="TargetHookPoint">What it reconstructs; null: its input.</param>
/// <param name="TargetDim">D_out where there is a target, else null.</param>
public sealed record DictionarySite(string HookPoint, int ActivationDim, string? TargetHookPoint = null, int? TargetDim = null)
{
    /// <summary>The target, or the hook point itself.</summary>
    public string OutputHookPoint => TargetHookPoint ?? HookPoint;

    /// <summary>D_out: the target's width, or D.</summary>
    public int OutputDim => TargetDim ?? ActivationDim;
}
