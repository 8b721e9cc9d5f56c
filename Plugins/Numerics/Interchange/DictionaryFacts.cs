namespace Orchestrator.Numerics.Interchange;

/// <summary>What is known of a dictionary beside its weights, for the files of other tools; null: it is not known.</summary>
public sealed record DictionaryFacts
{
    /// <summary>What its model is called.</summary>
    public string? ModelName { get; init; }

    /// <summary>Tokens of the contexts that it was trained on.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Whether each context began with a token of its own.</summary>
    public bool? PrependsBeginning { get; init; }

    /// <summary>Mean number of active features per token.</summary>
    public double? L0 { get; init; }

    /// <summary>Features that fired on none of the tokens it was measured on.</summary>
    public int? DeadFeatures { get; init; }

    /// <summary>Of each feature, the share of tokens on which it fires.</summary>
    public IReadOnlyList<double>? Densities { get; init; }
}
