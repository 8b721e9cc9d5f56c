using Orchestrator.Numerics.Dictionaries.Kernels;

namespace Orchestrator.Numerics.Metrics.Activations;

/// <summary>
/// Per feature: the tokens on which it is most active, by activation summed over their occurrences, exactly: in float64,
/// in the order of the tokens. Memory grows with the pairs of feature and token id that occur, to 8 F V bytes at most.
/// </summary>
/// <example>Token 7 with activations 1 and 1, token 9 with 1.5: 7 comes first.</example>
/// <param name="featureCount">F.</param>
/// <param name="vocabularySize">V.</param>
public sealed class TopTokens(int featureCount, int vocabularySize)
{
    private const int FeaturesPerPiece = 64;

    private readonly TokenSums[] _sums = new TokenSums[featureCount];

    /// <summary>Adds the next tokens.</summary>
    /// <exception cref="ArgumentException">They are of another number of features.</exception>
    /// <exception cref="IndexOutOfRangeException">A token id is outside the vocabulary.</exception>
    public void Add(ActivationsByFeature activations)
    {
        activations.Require(featureCount);
        WorkerTeam.Shared.Run(WorkerTeam.Pieces(featureCount, FeaturesPerPiece), piece =>
        {
            var end = Math.Min(featureCount, (piece + 1) * FeaturesPerPiece);
            for (var feature = piece * FeaturesPerPiece; feature < end; feature++)
                _sums[feature].Add(activations.TokensOf(feature), activations.ValuesOf(feature), vocabularySize);
        });
    }

    /// <summary>A feature's first few, strongest first; ties by id. None of one that never fired.</summary>
    /// <param name="feature">Which.</param>
    /// <param name="count">How many at most.</param>
    public IReadOnlyList<int> First(int feature, int count) => _sums[feature].First(count);
}
