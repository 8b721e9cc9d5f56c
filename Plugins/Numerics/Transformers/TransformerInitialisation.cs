using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>The first weights of a model, and the shuffled ones of its random twin.</summary>
internal static class TransformerInitialisation
{
    // Small embeddings, which the first LayerNorm scales up, let the first steps decide what the residual stream holds, and
    // small logits start the loss at the logarithm of the vocabulary. Five times as much was worse after 0.9 M tokens.
    private const double EmbeddingDeviation = 0.02;

    /// <summary>
    /// Normal matrices. Inside the blocks the deviation is 1/√fan-in, so that activations have unit variance at any width;
    /// what writes into the residual stream is scaled down by √(2 layers), so that its variance does not grow with depth.
    /// LayerNorm gains are one, biases zero.
    /// </summary>
    public static void Fill(ParameterSet parameters, TransformerDefinition definition, ulong seed)
    {
        foreach (var (parameter, index) in parameters.Layout.Parameters.Select((parameter, index) => (parameter, index)))
        {
            if (parameter.IsMatrix)
            {
                var values = new float[parameter.Count];
                new SeededRandom(SeededRandom.Derive(seed, (ulong)index)).FillGaussian(values, Deviation(parameter.Name, definition));
                Store(parameters[parameter.Name], values);
            }
            else if (parameter.Name.EndsWith(".w", StringComparison.Ordinal))
            {
                parameters[parameter.Name].fill_(1f);
            }
        }
    }

    /// <summary>Puts the entries of each matrix into a random order.</summary>
    public static void ShuffleMatrices(ParameterSet parameters, ulong seed)
    {
        foreach (var (parameter, index) in parameters.Layout.Parameters.Select((parameter, index) => (parameter, index)))
        {
            if (!parameter.IsMatrix)
                continue;
            var values = HostMemory.ToSingles(parameters[parameter.Name]);
            new SeededRandom(SeededRandom.Derive(seed, (ulong)index)).Shuffle(values.AsSpan());
            Store(parameters[parameter.Name], values);
        }
    }

    private static double Deviation(string name, TransformerDefinition definition)
    {
        var residualScale = 1 / Math.Sqrt(2.0 * definition.Layers);
        return name[(name.LastIndexOf('.') + 1)..] switch
        {
            "W_E" or "W_pos" or "W_U" => EmbeddingDeviation,
            "W_O" => residualScale / Math.Sqrt(definition.ModelDim),
            "W_out" => residualScale / Math.Sqrt(definition.MlpDim),
            _ => 1 / Math.Sqrt(definition.ModelDim),
        };
    }

    private static void Store(Tensor parameter, float[] values)
    {
        using var noGradient = no_grad();
        using var source = HostMemory.ToTensor(values, parameter.shape, parameter.device);
        parameter.copy_(source);
    }
}
