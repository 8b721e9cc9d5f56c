using System.Text.Json.Serialization;

namespace Orchestrator.Abstractions.Results;

/// <summary>
/// One row of <c>features.parquet</c>: what is known of a feature from the evaluation of its dictionary. The JSON
/// names are the columns' names.
/// </summary>
public sealed record FeatureRow
{
    [JsonPropertyName("feature")]
    public int Feature { get; set; }

    /// <summary>Share of evaluation tokens on which it fires.</summary>
    [JsonPropertyName("density")]
    public double Density { get; set; }

    [JsonPropertyName("max_activation")]
    public float MaxActivation { get; set; }

    /// <summary>Mean over the tokens on which it fires; 0 for a dead feature.</summary>
    [JsonPropertyName("mean_activation")]
    public float MeanActivation { get; set; }

    [JsonPropertyName("encoder_bias")]
    public float EncoderBias { get; set; }

    [JsonPropertyName("encoder_norm")]
    public float EncoderNorm { get; set; }

    /// <summary>
    /// Cosine of its encoder and its decoder direction; NaN of a transcoder, whose two directions are of different spaces.
    /// </summary>
    [JsonPropertyName("encoder_decoder_cosine")]
    public float EncoderDecoderCosine { get; set; }

    /// <summary>
    /// Greatest cosine of its decoder direction with another feature's; NaN of the only feature. Tables from before version 2
    /// of the metrics do not have it.
    /// </summary>
    [JsonPropertyName("max_decoder_cosine")]
    public float MaxDecoderCosine { get; set; }

    /// <summary>Fired on no evaluation token.</summary>
    [JsonPropertyName("dead")]
    public bool Dead { get; set; }

    /// <summary>Fires, below the evaluation's ultralow density threshold.</summary>
    [JsonPropertyName("ultralow_density")]
    public bool UltralowDensity { get; set; }

    /// <summary>Tokens on which it is most active, by summed activation, as text; at most 5.</summary>
    [JsonPropertyName("top_tokens")]
    public List<string> TopTokens { get; set; } = [];

    /// <summary>Tokens that it raises most, by logit weight, as text; at most 10, strongest first.</summary>
    [JsonPropertyName("positive_logit_tokens")]
    public List<string> PositiveLogitTokens { get; set; } = [];

    [JsonPropertyName("positive_logits")]
    public List<float> PositiveLogits { get; set; } = [];

    /// <summary>Tokens that it lowers most; at most 10, strongest first.</summary>
    [JsonPropertyName("negative_logit_tokens")]
    public List<string> NegativeLogitTokens { get; set; } = [];

    [JsonPropertyName("negative_logits")]
    public List<float> NegativeLogits { get; set; } = [];
}
