using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary><c>config.json</c> beside the weights of a dictionary.</summary>
internal sealed record DictionaryConfig
{
    /// <summary>Raised when the layout of the folder changes.</summary>
    public int FormatVersion { get; init; } = 1;

    /// <summary>D.</summary>
    public required int ActivationDim { get; init; }

    public required string HookPoint { get; init; }

    /// <summary>What λ is measured against.</summary>
    public required string LossConvention { get; init; }

    public required DictionaryDefinition Definition { get; init; }
}
