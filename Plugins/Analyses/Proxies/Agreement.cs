using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Proxies;

/// <summary>What a feature has to do with a proxy, over all tokens.</summary>
/// <param name="Tokens">Tokens read.</param>
/// <param name="Inside">Of these, those that lie in the proxy.</param>
/// <param name="Firings">Those on which the feature fires.</param>
/// <param name="Both">Those on which it fires and that lie in the proxy.</param>
/// <param name="Activation">Sum of its activations.</param>
/// <param name="ActivationInside">Sum of its activations in the proxy.</param>
/// <param name="SquaredActivation">Sum of their squares over all tokens.</param>
internal readonly record struct Agreement(
    long Tokens, long Inside, long Firings, long Both, double Activation, double ActivationInside, double SquaredActivation)
{
    /// <summary>Share of the proxy's tokens on which the feature fires.</summary>
    public Proportion Sensitivity => new(Both, Inside);

    /// <summary>Share of the tokens on which the feature fires that lie in the proxy: what the paper calls specific, and statisticians precision.</summary>
    public Proportion Specificity => new(Both, Firings);

    /// <summary>Share of the tokens outside the proxy on which the feature does not fire: what statisticians call specificity.</summary>
    public Proportion TrueNegatives => new(Tokens - Inside - (Firings - Both), Tokens - Inside);

    /// <summary>Specificity by expected value: share of the feature's activation that lies in the proxy (paper, "expected-value plot").</summary>
    public double WeightedSpecificity => Activation <= 0 ? 0 : ActivationInside / Activation;

    /// <summary>Harmonic mean of sensitivity and specificity.</summary>
    public double F1 => Firings + Inside == 0 ? 0 : 2.0 * Both / (Firings + Inside);

    /// <summary>Pearson correlation of the activation with whether the token lies in the proxy; 0 where either is constant.</summary>
    public double Correlation
    {
        get
        {
            var scale = (Tokens * SquaredActivation - Activation * Activation) * ((double)Tokens * Inside - (double)Inside * Inside);
            return scale <= 0 ? 0 : Math.Clamp((Tokens * ActivationInside - Activation * Inside) / Math.Sqrt(scale), -1, 1);
        }
    }

    /// <summary>95 % interval of the correlation by Fisher's transformation, as if tokens were independent.</summary>
    public (double Low, double High) CorrelationInterval
    {
        get
        {
            var correlation = Correlation;
            if (Tokens <= 3 || Math.Abs(correlation) >= 1)
            {
                return (correlation, correlation);
            }

            var width = Proportion.Z / Math.Sqrt(Tokens - 3);
            return (Math.Tanh(Math.Atanh(correlation) - width), Math.Tanh(Math.Atanh(correlation) + width));
        }
    }
}
