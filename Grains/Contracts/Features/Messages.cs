using Orchestrator.Abstractions;

namespace Orchestrator.Contracts.Features;

/// <summary>What to list.</summary>
/// <param name="Sort">A column of the feature table, snake_case: <c>density</c>, <c>max_activation</c>, <c>feature</c> …</param>
/// <param name="Descending">Largest first.</param>
/// <param name="Offset">Rows to pass over.</param>
/// <param name="Limit">Rows to return, at most 1,000.</param>
/// <param name="IncludeDead">Whether to list dead features too.</param>
[GenerateSerializer, Immutable, Alias("FeatureQuery")]
public sealed record FeatureQuery(
    [property: Id(0)] string Sort,
    [property: Id(1)] bool Descending,
    [property: Id(2)] int Offset,
    [property: Id(3)] int Limit,
    [property: Id(4)] bool IncludeDead);

/// <summary>A page of the catalogue.</summary>
/// <param name="Total">Features that match in all.</param>
/// <param name="Error">A sort column that does not exist, with those that do; null when fine.</param>
[GenerateSerializer, Immutable, Alias("FeaturePage")]
public sealed record FeaturePage(
    [property: Id(0)] DictionaryId Dictionary,
    [property: Id(1)] int Total,
    [property: Id(2)] IReadOnlyList<FeatureStatistics> Features,
    [property: Id(3)] string? Error);

/// <summary>A row of the feature table; columns as in <see cref="Abstractions.Results.FeatureRow"/>.</summary>
[GenerateSerializer, Immutable, Alias("FeatureStatistics")]
public sealed record FeatureStatistics(
    [property: Id(0)] int Feature,
    [property: Id(1)] double Density,
    [property: Id(2)] double MaxActivation,
    [property: Id(3)] double MeanActivation,
    [property: Id(4)] double EncoderBias,
    [property: Id(5)] double EncoderDecoderCosine,
    [property: Id(6)] bool Dead,
    [property: Id(7)] bool UltralowDensity,
    [property: Id(8)] IReadOnlyList<string> TopTokens,
    [property: Id(9)] IReadOnlyList<TokenWeight> PositiveLogits,
    [property: Id(10)] IReadOnlyList<TokenWeight> NegativeLogits);

/// <summary>A token and a number.</summary>
[GenerateSerializer, Immutable, Alias("TokenWeight")]
public sealed record TokenWeight([property: Id(0)] string Token, [property: Id(1)] double Weight);

/// <summary>A stretch of text on which a feature fires.</summary>
/// <param name="Interval">0: nearest the maximum; then evenly spaced in activation value down to 0.</param>
/// <param name="Activation">On the token in the middle.</param>
/// <param name="Document">Index of the document in the validation split.</param>
/// <param name="Position">Offset of the token in the validation split.</param>
/// <param name="Before">Text before the token.</param>
/// <param name="Token">The token.</param>
/// <param name="After">Text after it.</param>
[GenerateSerializer, Immutable, Alias("FeatureContext")]
public sealed record FeatureContext(
    [property: Id(0)] int Interval,
    [property: Id(1)] double Activation,
    [property: Id(2)] int Document,
    [property: Id(3)] long Position,
    [property: Id(4)] string Before,
    [property: Id(5)] string Token,
    [property: Id(6)] string After);

/// <summary>A feature from the tables.</summary>
/// <param name="Contexts">By interval, strongest first; empty where no feature-report has been made.</param>
/// <param name="ClosestNeuron">Neuron with the most correlated activation; null where not measured.</param>
/// <param name="ClosestNeuronCorrelation">Pearson's r with it.</param>
[GenerateSerializer, Immutable, Alias("FeatureDetail")]
public sealed record FeatureDetail(
    [property: Id(0)] FeatureStatistics Statistics,
    [property: Id(1)] IReadOnlyList<FeatureContext> Contexts,
    [property: Id(2)] int? ClosestNeuron,
    [property: Id(3)] double? ClosestNeuronCorrelation);

/// <summary>A note on a feature.</summary>
[GenerateSerializer, Immutable, Alias("FeatureNote")]
public sealed record FeatureNote(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] string Author,
    [property: Id(2)] string Text);

/// <summary>A feature with what was added to it.</summary>
[GenerateSerializer, Immutable, Alias("FeatureView")]
public sealed record FeatureView(
    [property: Id(0)] FeatureId Id,
    [property: Id(1)] FeatureDetail Detail,
    [property: Id(2)] IReadOnlyList<FeatureNote> Notes);
