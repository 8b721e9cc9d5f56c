using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Conformance;

/// <summary>A small made-up world on which any analysis can run: text of one order, features of tokens, some of them dead.</summary>
public static class PlantedWorld
{
    private const int Words = 15;
    private const int ContextLength = 32;
    private const int TokenCount = 4_096;
    private const int ActivationDim = 8;

    public static ITokenVocabulary Vocabulary { get; } =
        new PlantedVocabulary([.. Enumerable.Range(0, Words).Select(static word => $" w{word}"), "<|endoftext|>"]);

    /// <summary>A context with the inputs that the manifest asks for.</summary>
    /// <param name="manifest">Which inputs, which options.</param>
    /// <param name="seed">Seed of the analysis; the world is always the same.</param>
    /// <param name="withNulls">Whether there is a random twin.</param>
    public static PlantedContext Context(AnalysisManifest manifest, ulong seed, bool withNulls = true)
    {
        var random = new Random(20231004);
        var tokens = Text(random);
        var neurons = Neurons("neurons", tokens, random);
        var context = new PlantedContext(manifest, Vocabulary, tokens, ContextLength) { Seed = seed };
        context.Add(Features("small", tokens, 10, random), neurons, "a");
        if (manifest.Inputs == AnalysisInputs.Sizes)
        {
            context.Add(Features("large", tokens, 20, random), neurons, "a");
        }
        else if (manifest.Inputs == AnalysisInputs.SeedPair)
        {
            context.Add(Features("other", tokens, 10, random), Neurons("other neurons", tokens, random), "b");
        }

        return withNulls
            ? context.Add(Features("twin", Text(random), 10, random), Neurons("twin neurons", tokens, random), "twin", isNull: true)
            : context;
    }

    // Most words are followed by the next one.
    private static int[] Text(Random random)
    {
        var tokens = new int[TokenCount];
        for (var i = 1; i < tokens.Length; i++)
        {
            tokens[i] = random.NextDouble() < 0.7 ? (tokens[i - 1] + 1) % Words : random.Next(Words);
        }

        return tokens;
    }

    // Feature f fires on word f and raises the next word; every fifth feature is dead.
    private static PlantedFeatureSource Features(string name, int[] tokens, int count, Random random)
    {
        var activations = new float[tokens.Length, count];
        for (var i = 0; i < tokens.Length; i++)
        {
            for (var feature = 0; feature < count; feature++)
            {
                var fires = feature % 5 != 4 && (tokens[i] == feature % Words || random.NextDouble() < 0.01);
                activations[i, feature] = fires ? 0.5f + random.NextSingle() : 0;
            }
        }

        return new PlantedFeatureSource(name, activations, Directions(count, random), Logits(count));
    }

    private static PlantedFeatureSource Neurons(string name, int[] tokens, Random random)
    {
        var weights = Directions(ActivationDim, random);
        var activations = new float[tokens.Length, ActivationDim];
        for (var i = 0; i < tokens.Length; i++)
        {
            for (var neuron = 0; neuron < ActivationDim; neuron++)
            {
                activations[i, neuron] = weights[neuron][tokens[i] % ActivationDim] + 0.3f * random.NextSingle();
            }
        }

        return new PlantedFeatureSource(name, activations, weights, Logits(ActivationDim));
    }

    private static float[][] Directions(int count, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, ActivationDim).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray())];

    private static float[][] Logits(int count) => [.. Enumerable.Range(0, count).Select(static feature =>
        Enumerable.Range(0, Words + 1).Select(word => word == (feature + 1) % Words ? 2f : -0.01f * word).ToArray())];
}
