using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using static Orchestrator.Numerics.Transformers.ForwardPass;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// A transformer like the paper's (section "Setup"): learned token and position embeddings, blocks of causal multi-head
/// attention and an MLP, each behind a normalisation, a final normalisation and an untied unembedding. State keys and
/// shapes are those of TransformerLens. Legend: B contexts, T positions, N = B T, d residual width, d_mlp hidden width, D
/// width at a hook point, V vocabulary, F directions. Nothing here records gradients; results are the caller's to dispose.
/// </summary>
public sealed partial class Transformer : IDisposable
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

    /// <summary>Parameters, biases and normalisations included.</summary>
    public long ParameterCount => Parameters.Layout.ParameterCount;

    public Device Device => Parameters.Flat.device;

    internal ParameterSet Parameters { get; }

    /// <summary>A model from parameters that are there already.</summary>
    /// <param name="definition">Its architecture.</param>
    /// <param name="vocabularySize">V.</param>
    /// <param name="tensors">
    /// Every parameter by its state key (as TransformerLens names it: <c>blocks.0.attn.W_Q</c>, [h, d, d/h]), of any floating
    /// type; copied, as float32. What another model does not have, such as a bias, is given as zeros.
    /// </param>
    /// <param name="device">Where the model is to live.</param>
    /// <exception cref="ArgumentException">
    /// No transformer has that definition, or the parameters are not its own: every missing, surplus and wrong one is named.
    /// </exception>
    public static Transformer FromTensors(
        TransformerDefinition definition, int vocabularySize, IReadOnlyDictionary<string, Tensor> tensors, Device device) =>
        NamedParameters.ToTransformer(definition, vocabularySize, tensors, device);

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

    /// <summary>D: elements of an activation vector at a hook point.</summary>
    /// <exception cref="ArgumentException">The model has no such layer.</exception>
    public int WidthAt(HookPoint hookPoint) => hookPoint.WidthIn(Definition);

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
        var x = _forward.Finish(StreamPoint.Start(_forward.Embed(tokens)), t);             // [N, d]
        return scope.MoveToOuter(Affine(Parameters.UnembeddingBias, x, Parameters.Unembedding).view(b, t, VocabularySize));
    }

    /// <summary>Next-token negative log-likelihoods.</summary>
    /// <param name="tokens">[B, T], int64, T at least 2.</param>
    /// <returns>[B, T − 1], nats; entry (b, t) is the loss of token t + 1.</returns>
    public Tensor TokenLosses(Tensor tokens)
    {
        var (_, t) = RequirePredictions(tokens);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Losses(_forward.Finish(StreamPoint.Start(_forward.Embed(tokens)), t), tokens));
    }

    /// <summary>
    /// The paper's random control: a copy in which the entries of each weight matrix, embeddings included, are shuffled.
    /// Biases and normalisations stay.
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

    private (long B, long T) RequirePredictions(Tensor tokens)
    {
        var (b, t) = RequireTokens(tokens);
        return t >= 2 ? (b, t) : throw new ArgumentException("A context of one token predicts nothing.", nameof(tokens));
    }

    /// <param name="x">What the unembedding reads, [N, d].</param>
    /// <param name="tokens">[B, T].</param>
    /// <returns>[B, T − 1].</returns>
    private Tensor Losses(Tensor x, Tensor tokens)
    {
        var (b, t) = (tokens.shape[0], tokens.shape[1]);
        var losses = UnembeddingLoss.PerToken(
            Predicting(x, b, t), Targets(tokens), Parameters.Unembedding, Parameters.UnembeddingBias);
        return losses.view(b, t - 1);
    }

    /// <summary>The rows of all positions but each context's last, whose next token is not there.</summary>
    /// <returns>[B (T − 1), d].</returns>
    private static Tensor Predicting(Tensor x, long b, long t) =>
        x.view(b, t, -1).narrow(1, 0, t - 1).reshape(b * (t - 1), -1);

    private static Tensor Targets(Tensor tokens) => tokens.narrow(1, 1, tokens.shape[1] - 1).reshape(-1);
}
