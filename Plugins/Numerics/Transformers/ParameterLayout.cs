using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// The parameters of a transformer and how they lie in one flat tensor: matrices first, so that weight decay applies to
/// one contiguous range; each on a 64-byte boundary, so that every view is aligned as a tensor of its own would be.
/// </summary>
internal sealed class ParameterLayout
{
    private const int AlignedElements = 16;

    private readonly List<ParameterSpec> _parameters = [];

    /// <exception cref="ArgumentException">No transformer has that definition.</exception>
    public ParameterLayout(TransformerDefinition definition, int vocabularySize)
    {
        Validate(definition, vocabularySize);
        var all = Shapes(definition, vocabularySize).ToArray();
        foreach (var (name, shape) in all.Where(item => ParameterSpec.IsMatrixName(item.Name)))
            Append(name, shape);
        MatrixElements = Elements;
        foreach (var (name, shape) in all.Where(item => !ParameterSpec.IsMatrixName(item.Name)))
            Append(name, shape);
    }

    public IReadOnlyList<ParameterSpec> Parameters => _parameters;

    /// <summary>Elements of the flat tensor, alignment gaps included.</summary>
    public long Elements { get; private set; }

    /// <summary>Elements of the leading range that holds all matrices.</summary>
    public long MatrixElements { get; }

    /// <summary>Parameters proper.</summary>
    public long ParameterCount => _parameters.Sum(parameter => parameter.Count);

    public static string Block(int layer, string part) => $"blocks.{layer}.{part}";

    private static void Validate(TransformerDefinition definition, int vocabularySize)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabularySize);
        RequirePositive(definition.Layers, nameof(definition.Layers));
        RequirePositive(definition.ModelDim, nameof(definition.ModelDim));
        RequirePositive(definition.MlpDim, nameof(definition.MlpDim));
        RequirePositive(definition.Heads, nameof(definition.Heads));
        if (definition.ContextLength < 2)
            throw new ArgumentException("A context holds at least 2 tokens: one to see and one to predict.", nameof(definition));
        if (definition.ModelDim % definition.Heads != 0)
        {
            throw new ArgumentException(
                $"A width of {definition.ModelDim} cannot be divided among {definition.Heads} heads.", nameof(definition));
        }

        RequireKnown(definition.Activation, TransformerDefinition.Activations, "activation");
        RequireKnown(definition.Normalisation, TransformerDefinition.Normalisations, "normalisation");
        if (!(definition.NormEpsilon > 0 && double.IsFinite(definition.NormEpsilon)))
            throw new ArgumentException($"The normalisation's epsilon is {definition.NormEpsilon}; it must be above 0.", nameof(definition));
    }

    private static void RequireKnown(string value, IReadOnlyList<string> known, string name)
    {
        if (!known.Contains(value))
            throw new ArgumentException($"The {name} '{value}' is unknown; known: {string.Join(", ", known)}.", nameof(TransformerDefinition));
    }

    private static void RequirePositive(int value, string name)
    {
        if (value < 1)
            throw new ArgumentException($"{name} is {value}; it must be at least 1.", nameof(TransformerDefinition));
    }

    private static IEnumerable<(string Name, long[] Shape)> Shapes(TransformerDefinition definition, int vocabularySize)
    {
        long d = definition.ModelDim;
        long h = definition.Heads;
        var perHead = d / h;
        yield return ("embed.W_E", [vocabularySize, d]);
        yield return ("pos_embed.W_pos", [definition.ContextLength, d]);
        for (var layer = 0; layer < definition.Layers; layer++)
        {
            foreach (var letter in (string[])["Q", "K", "V"])
            {
                yield return (Block(layer, $"attn.W_{letter}"), [h, d, perHead]);
                yield return (Block(layer, $"attn.b_{letter}"), [h, perHead]);
            }

            yield return (Block(layer, "attn.W_O"), [h, perHead, d]);
            yield return (Block(layer, "attn.b_O"), [d]);
            yield return (Block(layer, "mlp.W_in"), [d, definition.MlpDim]);
            yield return (Block(layer, "mlp.b_in"), [definition.MlpDim]);
            yield return (Block(layer, "mlp.W_out"), [definition.MlpDim, d]);
            yield return (Block(layer, "mlp.b_out"), [d]);
            foreach (var norm in Norm(Block(layer, "ln1")).Concat(Norm(Block(layer, "ln2"))))
                yield return norm;
        }

        foreach (var norm in Norm("ln_final"))
            yield return norm;
        yield return ("unembed.W_U", [d, vocabularySize]);
        yield return ("unembed.b_U", [vocabularySize]);

        IEnumerable<(string Name, long[] Shape)> Norm(string name)
        {
            yield return ($"{name}.w", [d]);
            if (definition.Normalisation == TransformerDefinition.LayerNorm)
                yield return ($"{name}.b", [d]);
        }
    }

    private void Append(string name, long[] shape)
    {
        var parameter = new ParameterSpec(name, shape, Elements);
        _parameters.Add(parameter);
        Elements += (parameter.Count + AlignedElements - 1) / AlignedElements * AlignedElements;
    }
}
