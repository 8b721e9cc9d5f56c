namespace Orchestrator.Numerics.Metrics.Reconstruction;

/// <summary>
/// Mean over tokens of x · x̂ / (‖x‖ ‖x̂‖) (SAELens' and SAEBench's <c>cossim</c>). Those give no number where a vector is
/// zero; here a zero vector reconstructed as zero counts 1, and a zero vector on one side alone 0.
/// </summary>
/// <example>x = (2, 0), (0, 4), (1, 2) and x̂ = (2, 1), (0, 3), (1, 2): (2/√5 + 1 + 1) / 3 = 0.9648.</example>
public sealed class CosineSimilarity : IReconstructionMetric
{
    private double _cosines;
    private long _tokens;

    /// <inheritdoc/>
    public double Value => _cosines / _tokens;

    /// <inheritdoc/>
    public void Add(ReconstructedTokens tokens)
    {
        foreach (var token in tokens.Moments) _cosines += Cosine(token);
        _tokens += tokens.Count;
    }

    // √(a · a) is a to the last bit, which √a · √a is not: a perfect reconstruction has cosine 1.
    private static double Cosine(TokenMoments token) => (token.Truth == 0, token.Reconstruction == 0) switch
    {
        (true, true) => 1,
        (false, false) => token.Product / Math.Sqrt(token.Truth * token.Reconstruction),
        _ => 0,
    };
}
