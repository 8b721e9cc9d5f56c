namespace Orchestrator.Abstractions.Results;

/// <summary>
/// One row of <c>features.parquet</c>: what is known of a feature from the evaluation of its dictionary. Columns are
/// snake_case in the file.
/// </summary>
public sealed record FeatureRow
{
    public int Feature { get; set; }

    /// <summary>Share of evaluation tokens on which it fires.</summary>
    public double Density { get; set; }

    public float MaxActivation { get; set; }

    /// <summary>Mean over the tokens on which it fires; 0 for a dead feature.</summary>
    public float MeanActivation { get; set; }

    public float EncoderBias { get; set; }

    public float EncoderNorm { get; set; }

    /// <summary>Cosine of its encoder and its decoder direction.</summary>
    public float EncoderDecoderCosine { get; set; }

    /// <summary>Fired on no evaluation token.</summary>
    public bool Dead { get; set; }

    /// <summary>Fires, below the evaluation's ultralow density threshold.</summary>
    public bool UltralowDensity { get; set; }

    /// <summary>Tokens on which it is most active, by summed activation, as text; at most 5.</summary>
    public List<string> TopTokens { get; set; } = [];

    /// <summary>Tokens that it raises most, by logit weight, as text; at most 10, strongest first.</summary>
    public List<string> PositiveLogitTokens { get; set; } = [];

    public List<float> PositiveLogits { get; set; } = [];

    /// <summary>Tokens that it lowers most; at most 10, strongest first.</summary>
    public List<string> NegativeLogitTokens { get; set; } = [];

    public List<float> NegativeLogits { get; set; } = [];
}
