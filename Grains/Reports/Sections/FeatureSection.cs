using Orchestrator.Contracts.Features;

namespace Orchestrator.Grains.Reports.Sections;

/// <summary>A dozen features as a person reads them.</summary>
internal static class FeatureSection
{
    private const int TokensShown = 5;
    private const int ContextSide = 48;

    public static Markup Draw(FeatureExamples? examples) => examples is null ? Markup.Empty : Markup.Of($"""
        <section><h2>Example features</h2>
        <p class="quiet">From <code>{examples.Dictionary}</code>: features that are strong against how often they fire, rare ones first, no two with the same strongest token. They are picked to be looked at, not to represent the rest. A space is shown as ·, a line break as ⏎.</p>
        <div class="features">{examples.Features.Select(feature => One(examples.Dictionary, feature))}</div></section>
        """);

    private static Markup One(string dictionary, FeatureDetail feature)
    {
        var statistics = feature.Statistics;
        return Markup.Of($"""
            <article class="feature"><h3><code>{dictionary}/{statistics.Feature}</code></h3>
            <p class="quiet">fires on {Figures.Brief(statistics.Density * 100)}% of tokens · max {Figures.Brief(statistics.MaxActivation)} · mean {Figures.Brief(statistics.MeanActivation)}{Neuron(feature)}</p>
            <p>top tokens {statistics.TopTokens.Select(Token)}</p>
            <p>raises {statistics.PositiveLogits.Take(TokensShown).Select(w => Token(w.Token))}</p>
            <p>lowers {statistics.NegativeLogits.Take(TokensShown).Select(w => Token(w.Token))}</p>
            <ol class="contexts">{feature.Contexts.GroupBy(c => c.Interval).Select(Interval)}</ol></article>
            """);
    }

    private static string Neuron(FeatureDetail feature) => feature is { ClosestNeuron: { } neuron, ClosestNeuronCorrelation: { } correlation }
        ? FormattableString.Invariant($" · closest neuron {neuron} (r {correlation:0.00})")
        : "";

    private static Markup Token(string token) => Markup.Of($"<bdi class=\"token\">{VisibleText.Token(token)}</bdi>");

    // Intervals below the strongest keep one line: they show whether the feature means the same when it is weak.
    private static Markup Interval(IGrouping<int, FeatureContext> interval) => Markup.Of($"""
        {interval.Take(interval.Key == 0 ? 4 : 1).Select(Context)}
        """);

    private static Markup Context(FeatureContext context) => Markup.Of($"""
        <li><span class="value">{Figures.Any(Math.Round(context.Activation, 2))}</span><bdi>{Last(VisibleText.Line(context.Before))}<mark>{VisibleText.Token(context.Token)}</mark>{First(VisibleText.Line(context.After))}</bdi></li>
        """);

    private static string Last(string text) => text.Length <= ContextSide ? text : string.Concat("…", text.AsSpan(text.Length - ContextSide));

    private static string First(string text) => text.Length <= ContextSide ? text : string.Concat(text.AsSpan(0, ContextSide), "…");
}
