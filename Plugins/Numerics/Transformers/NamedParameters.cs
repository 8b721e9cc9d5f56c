using Orchestrator.Abstractions.Stages;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>Makes a transformer from tensors that have names.</summary>
internal static class NamedParameters
{
    /// <inheritdoc cref="Transformer.FromTensors"/>
    public static Transformer ToTransformer(
        TransformerDefinition definition, int vocabularySize, IReadOnlyDictionary<string, Tensor> tensors, Device device)
    {
        var layout = new ParameterLayout(definition, vocabularySize);
        var problems = Problems(layout, tensors).ToArray();
        if (problems.Length > 0)
            throw new ArgumentException($"These are not the parameters of that model: {string.Join("; ", problems)}.", nameof(tensors));

        using var noGradient = no_grad();
        var parameters = ParameterSet.Zeros(layout, device);
        foreach (var parameter in layout.Parameters)
            parameters[parameter.Name].copy_(tensors[parameter.Name]);
        return new Transformer(definition, vocabularySize, parameters);
    }

    private static IEnumerable<string> Problems(ParameterLayout layout, IReadOnlyDictionary<string, Tensor> tensors)
    {
        foreach (var parameter in layout.Parameters)
        {
            if (!tensors.TryGetValue(parameter.Name, out var tensor))
                yield return $"{parameter.Name} [{string.Join(", ", parameter.Shape)}] is missing";
            else if (!tensor.shape.AsSpan().SequenceEqual(parameter.Shape))
                yield return $"{parameter.Name} has shape [{string.Join(", ", tensor.shape)}], expected [{string.Join(", ", parameter.Shape)}]";
            else if (!tensor.is_floating_point())
                yield return $"{parameter.Name} holds {tensor.dtype}, expected a floating type";
        }

        foreach (var name in tensors.Keys.Except(layout.Parameters.Select(parameter => parameter.Name)).Order(StringComparer.Ordinal))
            yield return $"{name} is surplus";
    }
}
