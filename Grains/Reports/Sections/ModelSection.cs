using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Reports.Sections;

/// <summary>The models beside their bigram.</summary>
internal static class ModelSection
{
    public static Markup Draw(ExperimentSummary summary) => summary.Models.Count == 0 ? Markup.Empty : Markup.Of($"""
        <section><h2>Models</h2><div class="scroll"><table>
        <caption>Mean next-token loss on held-out tokens, in nats. The bigram is smoothed and fitted on the tokens that the model was trained on.</caption>
        <thead><tr><th scope="col">model</th><th scope="col">id</th><th scope="col" class="n">parameters</th><th scope="col" class="n">tokens trained</th><th scope="col" class="n">validation loss</th><th scope="col" class="n">bigram loss</th><th scope="col" class="n">gain over bigram</th><th scope="col" class="n">tokens/s</th></tr></thead>
        <tbody>{summary.Models.Select(Row)}</tbody></table></div></section>
        """);

    private static Markup Row(ModelSummary model) => Markup.Of($"""
        <tr><th scope="row">{ModelNames.Of(model)}</th><td><code>{model.Id}</code></td><td class="n">{Figures.Count(model.Parameters)}</td><td class="n">{Figures.Count(model.TokensTrained)}</td><td class="n"><strong>{Figures.Loss(model.ValidationLoss)}</strong></td><td class="n">{Figures.Loss(model.BigramLoss)}</td><td class="n">{Figures.Loss(model.BigramLoss - model.ValidationLoss)}</td><td class="n">{Figures.Rate(model.TokensPerSecond)}</td></tr>
        """);
}
