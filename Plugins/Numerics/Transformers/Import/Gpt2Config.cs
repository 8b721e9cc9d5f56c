using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Numerics.Transformers.Import;

/// <summary>The architecture of a model in GPT-2's layout.</summary>
public sealed record Gpt2Config
{
    public required int Layers { get; init; }

    public required int Heads { get; init; }

    /// <summary>d, width of the residual stream.</summary>
    public required int ModelDim { get; init; }

    /// <summary>Hidden width of the MLP; null: 4 d.</summary>
    public int? MlpDim { get; init; }

    /// <summary>Positions, T.</summary>
    public required int ContextLength { get; init; }

    /// <summary>V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>As <see cref="TransformerDefinition.Activation"/> names it. GPT-2 and minGPT: <c>gelu-tanh</c>; nanoGPT: <c>gelu</c>.</summary>
    public required string Activation { get; init; }

    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>False: a nanoGPT whose layers and LayerNorms have no biases.</summary>
    public bool HasBiases { get; init; } = true;

    /// <summary>
    /// Whether the unembedding is the token embedding, transposed. True: a head of its own must be equal to it; false: there
    /// must be a head; null: where there is a head, it counts.
    /// </summary>
    public bool? IsTied { get; init; }

    /// <summary>The architecture as it is defined here.</summary>
    public TransformerDefinition ToDefinition() => new()
    {
        Layers = Layers,
        ModelDim = ModelDim,
        MlpDim = MlpDim ?? (4 * ModelDim),
        Heads = Heads,
        ContextLength = ContextLength,
        Activation = Activation,
        NormEpsilon = NormEpsilon,
    };

    /// <summary>Reads a <c>config.json</c> of Hugging Face's GPT-2, of minGPT or of nanoGPT.</summary>
    /// <exception cref="InvalidDataException">
    /// It is not such a configuration, or describes what no transformer here computes; the message has every reason.
    /// </exception>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public static Gpt2Config Read(string path) => Gpt2ConfigReader.Read(path);
}
