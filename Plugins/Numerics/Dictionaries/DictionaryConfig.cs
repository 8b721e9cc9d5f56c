using System.Text.Json.Serialization;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary><c>config.json</c> beside the weights of a dictionary.</summary>
internal sealed record DictionaryConfig
{
    /// <summary>The version that is written. 1, of <c>standard</c> dictionaries only, is read too.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Raised when the layout of the folder changes.</summary>
    public int FormatVersion { get; init; } = CurrentVersion;

    /// <summary>D.</summary>
    public required int ActivationDim { get; init; }

    public required string HookPoint { get; init; }

    /// <summary>D_out of a dictionary with a target.</summary>
    public int? TargetDim { get; init; }

    public string? TargetHookPoint { get; init; }

    /// <summary>What was minimised.</summary>
    public required string LossConvention { get; init; }

    /// <summary>Where it comes from; null: trained here.</summary>
    public string? ImportedFrom { get; init; }

    /// <summary>False: the rows of the decoder are not of unit norm. Null: they are.</summary>
    public bool? UnitRows { get; init; }

    public required DictionaryDefinition Definition { get; init; }

    [JsonIgnore]
    public DictionarySite Site => new(HookPoint, ActivationDim, TargetHookPoint, TargetDim);
}
