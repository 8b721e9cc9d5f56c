namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>Counts behind an edge from a to b. "Raised" means: a token that a raises.</summary>
/// <param name="Support">a fired, a raised token followed, b fired on it.</param>
/// <param name="Anywhere">b fired on a raised token, whatever came before.</param>
/// <param name="SourceFirings">a fired.</param>
/// <param name="RaisedFollows">a fired and a raised token followed.</param>
/// <param name="TargetFirings">b fired.</param>
/// <param name="Transitions">All transitions.</param>
internal readonly record struct Evidence(
    int Support, int Anywhere, long SourceFirings, long RaisedFollows, long TargetFirings, long Transitions)
{
    /// <summary>P(b next | a, raised follows) / P(b): b belongs to the tokens that a raises.</summary>
    public double Lift => Ratio(Support, RaisedFollows, TargetFirings, Transitions);

    /// <summary>
    /// P(raised follows and b fires on it | a) / P(raised follows and b fires on it): a tells that it comes. Without this
    /// b would follow a wherever they share a token, in shuffled text too.
    /// </summary>
    public double SequenceLift => Ratio(Support, SourceFirings, Anywhere, Transitions);

    /// <summary>How many transitions of this kind there would be if a said nothing about what follows.</summary>
    public double Expected => (double)SourceFirings * Anywhere / Transitions;

    /// <summary>The lower bound of the lesser lift, z standard errors of its logarithm below it (Katz et al., 1978).</summary>
    public double LowerBound(double z) => Math.Min(
        Lift * Math.Exp(-z * StandardError(Support, RaisedFollows, TargetFirings, Transitions)),
        SequenceLift * Math.Exp(-z * StandardError(Support, SourceFirings, Anywhere, Transitions)));

    private static double Ratio(double hits, double trials, double baseHits, double baseTrials) =>
        hits <= 0 ? 0 : hits / trials / (baseHits / baseTrials);

    private static double StandardError(double hits, double trials, double baseHits, double baseTrials) =>
        hits <= 0 ? 0 : Math.Sqrt(Math.Max(0, 1 / hits - 1 / trials) + Math.Max(0, 1 / baseHits - 1 / baseTrials));
}
