namespace Orchestrator.Abstractions.Stages;

/// <summary>Writes a dictionary as another tool's files. Artefact: those files.</summary>
/// <param name="Dictionary">What is written.</param>
/// <param name="Format">Whose files.</param>
public sealed record ExportStage(StageKey Dictionary, string Format) : StageDefinition
{
    /// <summary>The layout of SAELens 6.</summary>
    public const string SaeLens = "saelens";

    /// <summary>The formats that are written.</summary>
    public static IReadOnlyList<string> Formats { get; } = [SaeLens];

    public override IReadOnlyList<StageKey> DependsOn => [Dictionary];

    public override string Prefix => "export";
}
