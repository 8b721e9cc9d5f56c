namespace Orchestrator.Abstractions.Analyses;

/// <summary>
/// Functions from tokens to activations: the features of a dictionary, or the neurons of a model as its null. An
/// analysis asks the same of both.
/// </summary>
public interface IFeatureSource
{
    /// <summary>For people: <c>dictionary-3fa9c2e1aa07</c> or <c>neurons of model-1f3a9c0d2b4e</c>.</summary>
    string Name { get; }

    /// <summary>F, or d_mlp for neurons.</summary>
    int FeatureCount { get; }

    /// <summary>D: elements of a direction, at the hook point that the dictionary reconstructs.</summary>
    int ActivationDim { get; }

    /// <summary>Activations on every token of a batch, active pairs only.</summary>
    SparseActivations Activations(TokenBatch batch);

    /// <summary>
    /// The direction a feature writes, [D]: its unit-norm decoder row. For a neuron, of unit norm too: its axis, or where that
    /// hook point is not the MLP's hidden layer, what it writes there (what it reads, at the MLP's input).
    /// </summary>
    ReadOnlySpan<float> Direction(int feature);

    /// <summary>
    /// What a feature adds to each token's logit, [V], less its median over the vocabulary: its direction in the residual
    /// stream (behind W_out, for one of the MLP's hidden layer) · centring · the final normalisation's gain · W_U (paper,
    /// "Logit weights").
    /// </summary>
    float[] LogitWeights(int feature);
}

/// <summary>Contexts of tokens, row-major.</summary>
/// <param name="Tokens">Token ids, [Contexts × Length].</param>
/// <param name="Contexts">Rows.</param>
/// <param name="Length">Tokens in a row; the same in every batch of a stream.</param>
/// <param name="FirstToken">Offset in the split of the first token: token i of the batch is token FirstToken + i of the split.</param>
/// <param name="Documents">Index within the split of the document each token belongs to, [Contexts × Length].</param>
public sealed record TokenBatch(int[] Tokens, int Contexts, int Length, long FirstToken, int[] Documents)
{
    /// <summary>Tokens in the batch.</summary>
    public int Count => Tokens.Length;
}

/// <summary>Activations that are not zero, token by token (compressed rows).</summary>
/// <param name="TokenCount">Rows: tokens of the batch, in its order.</param>
/// <param name="FeatureCount">Columns.</param>
/// <param name="Offsets">Start of each token's pairs, [TokenCount + 1].</param>
/// <param name="Features">Feature of each pair, ascending within a token, [pairs].</param>
/// <param name="Values">Activation of each pair, &gt; 0, [pairs].</param>
public sealed record SparseActivations(int TokenCount, int FeatureCount, int[] Offsets, int[] Features, float[] Values)
{
    /// <summary>The features that are active on a token, ascending.</summary>
    public ReadOnlySpan<int> FeaturesOf(int token) => Features.AsSpan(Offsets[token], Offsets[token + 1] - Offsets[token]);

    /// <summary>Their activations.</summary>
    public ReadOnlySpan<float> ValuesOf(int token) => Values.AsSpan(Offsets[token], Offsets[token + 1] - Offsets[token]);
}
