namespace Orchestrator.Grains.Reports.Sections;

/// <summary>What the numbers of the tables mean.</summary>
internal static class DefinitionSection
{
    private static readonly (string Term, string Meaning)[] Definitions =
    [
        ("L0", "mean number of features that are active on a token."),
        ("L1", "mean over tokens of the sum of feature activations."),
        ("loss recovered", "(zero − spliced) / (zero − original), where each is the model's loss over the same tokens: with the activation set to 0, replaced by its reconstruction, and left alone. A ratio of sums."),
        ("KL", "mean over tokens of the divergence, in nats, of the model's predictions with the reconstruction from those without: Σ p ln(p / p_spliced). KL recovered: 1 − spliced / zero."),
        ("explained variance", "1 − Σ‖x − x̂‖² / Σ‖x − mean(x)‖², sums over all evaluation tokens. x is what the dictionary reconstructs, x̂ what it makes of it."),
        ("mean squared error", "mean of (x − x̂)² over tokens and over the elements of a vector."),
        ("cosine", "mean over tokens of the cosine of x and x̂."),
        ("L2 ratio", "mean over tokens of ‖x̂‖ / ‖x‖: below 1 where reconstructions shrink."),
        ("reconstruction bias", "Σ‖x̂‖² / Σ x · x̂: what reconstructions had best be divided by (Rajamanoharan et al. 2024)."),
        ("density", "share of the evaluation tokens on which a feature fires."),
        ("dead", "features that fired on none of the evaluation tokens."),
        ("ultralow", "features that fired, on a smaller share of tokens than the threshold that stands in the dictionary's result. The paper tells its ultralow density cluster by more than that: encoder bias and the cosine of encoder and decoder stand in the feature table."),
        ("above 1 %, above 10 %", "share of all features that fire on more of the evaluation tokens than that."),
        ("decoder cosine", "mean over features of the greatest cosine of its decoder direction with another feature's: near 1 where features are there twice."),
        ("tokens seen", "activation vectors that the dictionary was trained on."),
        ("random twin", "the trained model with the entries of each weight matrix shuffled: the same distributions of weights, nothing learned."),
        ("null", "the same measurement where the effect cannot be: a number means something by its distance from its null."),
    ];

    public static Markup Draw() => Markup.Of($"""
        <section><h2>Definitions</h2><dl class="definitions">{Definitions.Select(d => Markup.Of($"<dt>{d.Term}</dt><dd>{d.Meaning}</dd>"))}</dl></section>
        """);
}
