namespace Orchestrator.Grains.Reports.Sections;

/// <summary>What the numbers of the tables mean.</summary>
internal static class DefinitionSection
{
    private static readonly (string Term, string Meaning)[] Definitions =
    [
        ("L0", "mean number of features that are active on a token."),
        ("loss recovered", "(zero − spliced) / (zero − original), where each is the model's loss over the same tokens: with the activation set to 0, replaced by its reconstruction, and left alone. A ratio of sums."),
        ("explained variance", "1 − Σ‖x − x̂‖² / Σ‖x − mean(x)‖², sums over all evaluation tokens."),
        ("density", "share of the evaluation tokens on which a feature fires."),
        ("dead", "features that fired on none of the evaluation tokens."),
        ("ultralow", "features that fired, on a smaller share of tokens than the threshold that stands in the dictionary's result."),
        ("tokens seen", "activation vectors that the dictionary was trained on."),
        ("random twin", "the trained model with the entries of each weight matrix shuffled: the same distributions of weights, nothing learned."),
        ("null", "the same measurement where the effect cannot be: a number means something by its distance from its null."),
    ];

    public static Markup Draw() => Markup.Of($"""
        <section><h2>Definitions</h2><dl class="definitions">{Definitions.Select(d => Markup.Of($"<dt>{d.Term}</dt><dd>{d.Meaning}</dd>"))}</dl></section>
        """);
}
