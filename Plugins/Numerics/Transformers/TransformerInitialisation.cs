using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>The first weights of a model, and the shuffled ones of its random twin.</summary>
internal static class TransformerInitialisation
{
    /// <summary>
    /// Normal matrices of deviation 1/√fan-in, so that every block sees unit variance at any width; what writes into the
    /// residual stream is scaled down by √(2 layers), so that its variance does not grow with depth; LayerNorm gains one.
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
        double S(string k, double v) => double.TryParse(Environment.GetEnvironmentVariable(k), out var x) ? x : v;
        return name[(name.LastIndexOf('.') + 1)..] switch
        {
            "W_E" => S("I_E", 0.02),
            "W_pos" => S("I_P", 0.02),
            "W_U" => S("I_U", 0.02),
            "W_O" => residualScale * S("I_O", 1) / Math.Sqrt(definition.ModelDim),
            "W_out" => residualScale * S("I_O", 1) / Math.Sqrt(definition.MlpDim),
            _ => S("I_I", 1) / Math.Sqrt(definition.ModelDim),
        };
    }

    private static void Store(Tensor parameter, float[] values)
    {
        using var noGradient = no_grad();
        using var source = HostMemory.ToTensor(values, parameter.shape, parameter.device);
        parameter.copy_(source);
    }
}
