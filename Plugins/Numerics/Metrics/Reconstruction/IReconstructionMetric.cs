namespace Orchestrator.Numerics.Metrics.Reconstruction;

/// <summary>
/// How well reconstructions x̂ meet activations x, over any number of tokens t = 1 … N. Tokens are added one by one in
/// float64, so that the bits depend on their order and on no cut into batches.
/// </summary>
public interface IReconstructionMetric
{
    /// <summary>NaN before the first token, and after one of which an element is not finite: none is passed over.</summary>
    double Value { get; }

    /// <summary>Adds the next tokens.</summary>
    void Add(ReconstructedTokens tokens);
}
