using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Bench;

/// <summary>What a benchmark's command line says; each benchmark uses what concerns it.</summary>
internal sealed record BenchOptions
{
    /// <summary>Dictionary sizes, F.</summary>
    public required IReadOnlyList<int> Features { get; init; }

    /// <summary>Width of a dictionary's input, D.</summary>
    public required int Dim { get; init; }

    /// <summary>Vectors of a batch.</summary>
    public required int Batch { get; init; }

    /// <summary>Active features per token to arrange.</summary>
    public required double L0 { get; init; }

    /// <summary>The transformer.</summary>
    public required TransformerDefinition Model { get; init; }

    public required int VocabularySize { get; init; }

    /// <summary>Contexts of a training batch.</summary>
    public required IReadOnlyList<int> Contexts { get; init; }

    /// <summary>What is harvested: one hook point, or two for a stream with targets.</summary>
    public required IReadOnlyList<(HookPoint Input, HookPoint? Target)> HookPoints { get; init; }

    /// <summary>Measured rounds, each with every contestant.</summary>
    public required int Rounds { get; init; }

    /// <summary>A Python with PyTorch, as another contestant; null where there is none.</summary>
    public required string? Python { get; init; }

    public string DictionarySetting => FormattableString.Invariant($"D {Dim}, batches of {Batch:N0}, medians of {Rounds} interleaved rounds");

    public string ModelSetting => FormattableString.Invariant(
        $"layers {Model.Layers}, d_model {Model.ModelDim}, d_mlp {Model.MlpDim}, heads {Model.Heads}, context {Model.ContextLength}, vocabulary {VocabularySize:N0}, medians of {Rounds} interleaved rounds");
}
