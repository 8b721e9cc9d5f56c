using Orchestrator.Conformance;

namespace Orchestrator.Unit.Analyses;

/// <summary>Pieces of planted worlds.</summary>
internal static class Planted
{
    public static PlantedVocabulary Vocabulary(int words) =>
        new([.. Enumerable.Range(0, words).Select(static word => ((char)('a' + word)).ToString()), "<|endoftext|>"]);

    /// <summary>Activations, each active with a probability, U(0.5, 1.5) where it is.</summary>
    public static float[,] Sparse(int tokens, int features, double density, int seed)
    {
        var random = new Random(seed);
        var activations = new float[tokens, features];
        for (var token = 0; token < tokens; token++)
        {
            for (var feature = 0; feature < features; feature++)
            {
                activations[token, feature] = random.NextDouble() < density ? 0.5f + random.NextSingle() : 0;
            }
        }

        return activations;
    }

    public static PlantedFeatureSource Source(string name, float[,] activations, float[][]? logits = null, float[][]? directions = null)
    {
        var features = activations.GetLength(1);
        return new PlantedFeatureSource(
            name,
            activations,
            directions ?? [.. Enumerable.Range(0, features).Select(feature => OneHot(feature, features))],
            logits ?? [.. Enumerable.Range(0, features).Select(feature => OneHot(feature % 4, 4))]);
    }

    public static float[] OneHot(int index, int length)
    {
        var vector = new float[length];
        vector[index] = 1;
        return vector;
    }

    public static T[] Shuffled<T>(T[] values, int seed)
    {
        var copy = values.ToArray();
        new Random(seed).Shuffle(copy);
        return copy;
    }
}
