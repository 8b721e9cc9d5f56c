namespace Orchestrator.Numerics.Metrics.Densities;

/// <summary>
/// Features that fire, on a smaller share of tokens than a threshold: a stand-in for the paper's ultralow density cluster
/// (section "Metrics"). Disjoint from the dead ones.
/// </summary>
/// <remarks>
/// How the threshold is meant. The paper's cluster is a mode of its own in the histogram of log densities (near 10⁻⁷ in one
/// of its runs), of features that are atypical otherwise too; it judges them an artefact of training and leaves them out of
/// its analyses. It tells them from rare real features by a density below 10⁻⁶ <em>and</em> those other properties, whose
/// boundary it does not give. The threshold here is that bound on density alone, chosen by whoever writes the spec and
/// stored with the result, so that a count can always be read. It says something only where it can be seen: threshold · N
/// should be 10 or more, for a feature that fired once in N tokens may have any density up to about 5/N. Small experiments
/// therefore take a larger threshold than the paper and count some rare real features in.
/// <para>
/// For a finer cut the feature table has the paper's three axes: <c>density</c>, <c>encoder_bias</c> (b_e), and
/// <c>encoder_decoder_cosine</c>, which times <c>encoder_norm</c> is the paper's product of decoder and encoder vector.
/// </para>
/// </remarks>
/// <example>3 features over 1,000 tokens, firing on 0, 1 and 10 of them, threshold 0.005: 1 in the cluster.</example>
/// <param name="threshold">A density: a share of tokens.</param>
public sealed class UltralowDensityCluster(double threshold)
{
    public double Threshold => threshold;

    public int Count(FeatureDensity density) => density.Count(feature => Contains(density, feature));

    public bool Contains(FeatureDensity density, int feature) => density.HasFired(feature) && density.Of(feature) < threshold;
}
