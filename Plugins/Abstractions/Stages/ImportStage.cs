namespace Orchestrator.Abstractions.Stages;

/// <summary>
/// Reads a dictionary from another tool's files and measures it on a model's activations. Artefact as of a trained one.
/// </summary>
/// <param name="Tokenizer">The model's.</param>
/// <param name="Tokens">The model's.</param>
/// <param name="Model">Whose activations it is of.</param>
/// <param name="Folder">Where the files lie, an absolute path.</param>
/// <param name="Fingerprint">What they held when the plan was made (SHA-256 over names, sizes and contents).</param>
/// <param name="HookPoint">Where its inputs are read; null: where its files say.</param>
/// <param name="Evaluation">On what it is measured.</param>
/// <param name="TargetHookPoint">What a transcoder reconstructs; null: what its files say.</param>
public sealed record ImportStage(
    StageKey Tokenizer,
    StageKey Tokens,
    StageKey Model,
    string Folder,
    string Fingerprint,
    string? HookPoint,
    EvaluationDefinition Evaluation,
    string? TargetHookPoint = null) : StageDefinition, IDictionaryStage
{
    public override IReadOnlyList<StageKey> DependsOn => [Tokenizer, Tokens, Model];

    public override string Prefix => "dictionary";
}
