using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using static Orchestrator.Numerics.Transformers.ForwardPass;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// The paper's transformer (section "Setup"): learned token and position embeddings, blocks of causal multi-head
/// attention and a ReLU MLP, each behind a LayerNorm, a final LayerNorm and an untied unembedding. State keys and shapes
/// are those of TransformerLens. Legend: B contexts, T positions, d residual width, d_mlp hidden width, V vocabulary,
/// F directions. Nothing here records gradients; results are the caller's to dispose.
/// </summary>
public sealed class Transformer : IDisposable
{
    private readonly ForwardPass _forward;

    /// <summary>A new model whose weights depend on the seed alone.</summary>
    /// <exception cref="ArgumentException">No transformer has that definition.</exception>
    public Transformer(TransformerDefinition definition, int vocabularySize, Device device, ulong seed)
        : this(definition, vocabularySize, ParameterSet.Zeros(new ParameterLayout(definition, vocabularySize), device))
    {
        TransformerInitialisation.Fill(Parameters, definition, seed);
    }

    internal Transformer(TransformerDefinition definition, int vocabularySize, ParameterSet parameters)
    {
        Definition = definition;
        VocabularySize = vocabularySize;
        Parameters = parameters;
        _forward = new ForwardPass(definition, parameters);
    }

    public TransformerDefinition Definition { get; }

    /// <summary>V.</summary>
    public int VocabularySize { get; }

    /// <summary>Width of the hook point, d_mlp.</summary>
    public int ActivationDim => Definition.MlpDim;

    /// <summary>Parameters, biases and LayerNorms included.</summary>
    public long ParameterCount => Parameters.Layout.ParameterCount;

    public Device Device => Parameters.Flat.device;

    internal ParameterSet Parameters { get; }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">A file is malformed, or the parameters are not those of the configuration.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    public static Transformer Load(string folder, Device device) => TransformerFiles.Load(folder, device);

    /// <summary>What such a folder says without its weights.</summary>
    /// <exception cref="InvalidDataException">The configuration is malformed.</exception>
    /// <exception cref="IOException">It is missing.</exception>
    public static TransformerDefinition DefinitionIn(string folder) => TransformerFiles.ReadDefinition(folder);

    /// <summary>Writes <c>model.safetensors</c> and <c>config.json</c> into a folder that exists.</summary>
    public void Save(string folder) => TransformerFiles.Save(this, folder);

    /// <summary>A parameter by its state key, as a view that lives as long as the model.</summary>
    /// <exception cref="KeyNotFoundException">The model has no such parameter.</exception>
    public Tensor Parameter(string name) => Parameters[name];

    /// <summary>The state keys of all parameters.</summary>
    public IReadOnlyList<string> ParameterNames => [.. Parameters.Layout.Parameters.Select(parameter => parameter.Name)];

    /// <summary>Logits of the next token at each position.</summary>
    /// <param name="tokens">[B, T], int64, each 0 ≤ token &lt; V; T at most the context length.</param>
    /// <returns>[B, T, V].</returns>
    public Tensor Logits(Tensor tokens)
    {
        var (b, t) = RequireTokens(tokens);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var x = _forward.Finish(0, _forward.Embed(tokens), t);
        return scope.MoveToOuter(Affine(Parameters.UnembeddingBias, x, Parameters.Unembedding).view(b, t, VocabularySize));
    }

    /// <summary>Activations at <c>blocks.0.mlp.hook_post</c>; nothing behind it is computed.</summary>
    /// <param name="tokens">[B, T], int64.</param>
    /// <returns>[B, T, d_mlp].</returns>
    public Tensor HookActivations(Tensor tokens)
    {
        var (b, t) = RequireTokens(tokens);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var residual = _forward.Attend(0, _forward.Embed(tokens), t);
        return scope.MoveToOuter(_forward.MlpActivations(0, residual).view(b, t, ActivationDim));
    }

    /// <summary>Runs up to <c>blocks.0.mlp.hook_post</c> and keeps what is needed to go on from there.</summary>
    /// <param name="tokens">[B, T], int64.</param>
    public ForwardState RunToHook(Tensor tokens)
    {
        var (b, t) = RequireTokens(tokens);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var residual = _forward.Attend(0, _forward.Embed(tokens), t);
        var activations = _forward.MlpActivations(0, residual);
        return new ForwardState(
            scope.MoveToOuter(residual.view(b, t, Definition.ModelDim)),
            scope.MoveToOuter(activations.view(b, t, ActivationDim)));
    }

    /// <summary>
    /// Next-token negative log-likelihoods when these activations stand at the hook point: the true ones, zeros, or a
    /// dictionary's reconstruction (paper, "Loss recovered"). The MLP's output bias stays.
    /// </summary>
    /// <param name="state">Of <see cref="RunToHook"/> on the same tokens.</param>
    /// <param name="activations">[B, T, d_mlp].</param>
    /// <param name="tokens">[B, T], int64.</param>
    /// <returns>[B, T − 1], nats; entry (b, t) is the loss of token t + 1.</returns>
    public Tensor TokenLosses(ForwardState state, Tensor activations, Tensor tokens)
    {
        var (b, t) = RequireTokens(tokens);
        if (t < 2)
            throw new ArgumentException("A context of one token predicts nothing.", nameof(tokens));
        Shape.Require(state.Residual, b, t, Definition.ModelDim);
        Shape.Require(activations, b, t, ActivationDim);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var residual = _forward.MlpOut(
            0, state.Residual.view(b * t, -1), activations.reshape(b * t, ActivationDim));
        var x = _forward.Finish(1, residual, t).view(b, t, -1).narrow(1, 0, t - 1).reshape(b * (t - 1), -1);
        var targets = tokens.narrow(1, 1, t - 1).reshape(-1);
        var losses = UnembeddingLoss.PerToken(x, targets, Parameters.Unembedding, Parameters.UnembeddingBias);
        return scope.MoveToOuter(losses.view(b, t - 1));
    }

    /// <summary>
    /// The direct effect of directions in activation space on the logits (paper, "Logit weights"): through the MLP's
    /// output weights, less the mean over the residual stream, scaled by the final LayerNorm's gain, unembedded, less
    /// each direction's median over the vocabulary (of an even number of values: the lower middle one). Later blocks of
    /// a deeper model are passed by.
    /// </summary>
    /// <param name="directions">[F, d_mlp].</param>
    /// <returns>[F, V].</returns>
    public Tensor LogitWeights(Tensor directions)
    {
        Shape.Require(directions, Shape.Any, ActivationDim);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var residual = directions.mm(Parameters.Blocks[0].MlpOut);                         // [F, d]
        var centred = residual - residual.mean([1], keepdim: true);
        var weights = (centred * Parameters.FinalGain).mm(Parameters.Unembedding);         // [F, V]
        return scope.MoveToOuter(weights.sub_(weights.kthvalue((VocabularySize + 1) / 2, 1, keepdim: true).values));
    }

    /// <summary>
    /// The paper's random control: a copy in which the entries of each weight matrix, embeddings included, are shuffled.
    /// Biases and LayerNorms stay.
    /// </summary>
    public Transformer RandomTwin(ulong seed)
    {
        var twin = new Transformer(Definition, VocabularySize, Parameters.Clone());
        TransformerInitialisation.ShuffleMatrices(twin.Parameters, seed);
        return twin;
    }

    public void Dispose() => Parameters.Dispose();

    private (long B, long T) RequireTokens(Tensor tokens)
    {
        Shape.Require(tokens, Shape.Any, Shape.Any);
        Shape.RequireType(tokens, ScalarType.Int64);
        var (b, t) = (tokens.shape[0], tokens.shape[1]);
        if (t < 1 || t > Definition.ContextLength)
            throw new ArgumentException($"A context of {t} tokens; the model takes 1 to {Definition.ContextLength}.", nameof(tokens));
        if (b < 1)
            throw new ArgumentException("A batch without contexts.", nameof(tokens));
        return (b, t);
    }
}
