namespace Orchestrator.Abstractions.Stages;

/// <summary>
/// A stage whose artefact is a dictionary, trained here or elsewhere: <c>sae.safetensors</c>, <c>config.json</c>,
/// <c>features.parquet</c>, <c>result.json</c>.
/// </summary>
public interface IDictionaryStage
{
    StageKey Tokenizer { get; }

    /// <summary>On whose validation split it was measured.</summary>
    StageKey Tokens { get; }

    /// <summary>Whose activations it is of.</summary>
    StageKey Model { get; }

    EvaluationDefinition Evaluation { get; }
}
