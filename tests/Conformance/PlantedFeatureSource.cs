using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Conformance;

/// <summary>A source whose activations are known for every token of a planted split.</summary>
/// <param name="name">For people.</param>
/// <param name="activations">[tokens of the split, F]; negative values stand for 0.</param>
/// <param name="directions">[F][D].</param>
/// <param name="logitWeights">[F][V].</param>
public sealed class PlantedFeatureSource(string name, float[,] activations, float[][] directions, float[][] logitWeights) : IFeatureSource
{
    public string Name => name;

    public int FeatureCount => activations.GetLength(1);

    public int ActivationDim => directions[0].Length;

    /// <summary>The planted activation of a token of the split.</summary>
    public float this[long token, int feature] => Math.Max(0, activations[token, feature]);

    public SparseActivations Activations(TokenBatch batch)
    {
        var offsets = new int[batch.Count + 1];
        var features = new List<int>();
        var values = new List<float>();
        for (var row = 0; row < batch.Count; row++)
        {
            for (var feature = 0; feature < FeatureCount; feature++)
            {
                if (this[batch.FirstToken + row, feature] > 0)
                {
                    features.Add(feature);
                    values.Add(this[batch.FirstToken + row, feature]);
                }
            }

            offsets[row + 1] = features.Count;
        }

        return new SparseActivations(batch.Count, FeatureCount, offsets, [.. features], [.. values]);
    }

    public ReadOnlySpan<float> Direction(int feature) => directions[feature];

    public float[] LogitWeights(int feature) => [.. logitWeights[feature]];
}
