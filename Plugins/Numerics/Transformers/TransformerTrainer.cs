using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// Trains a transformer on next-token prediction: AdamW, linear warm-up, cosine decay to a tenth, clipped gradients.
/// Everything that a step does follows from the seed, the definition and the step's number, so that a resumed training
/// gives the same bits on a CPU as one that was never interrupted.
/// </summary>
public sealed class TransformerTrainer : IDisposable
{
    private const double FinalRateShare = 0.1;
    private const int DivergenceCheckEvery = 50;

    private readonly Transformer _transformer;
    private readonly ITokenSequence _train;
    private readonly ParameterSet _leaves;
    private readonly ParameterSet _gradients;
    private readonly ForwardPass _forward;
    private readonly AdamW _optimiser;
    private readonly Tensor[] _blockLeaves;
    private readonly Tensor[] _blockGradients;
    private readonly Tensor _loss;
    private readonly ContextReader _reader;

    /// <param name="transformer">Trained in place; stays the caller's.</param>
    /// <param name="definition">How.</param>
    /// <param name="train">The training split.</param>
    /// <param name="seed">Seed of the order of contexts.</param>
    /// <exception cref="ArgumentException">The definition is impossible, or the split is shorter than one context.</exception>
    public TransformerTrainer(
        Transformer transformer, TransformerTrainingDefinition definition, ITokenSequence train, ulong seed)
    {
        Validate(definition);
        _transformer = transformer;
        _train = train;
        Definition = definition;
        Seed = seed;
        Order = OrderOf(train, transformer.Definition.ContextLength, seed);
        _reader = new ContextReader(train, transformer.Definition.ContextLength, lookahead: 1, transformer.VocabularySize);
        _leaves = transformer.Parameters.AsLeaves();
        _gradients = ParameterSet.Zeros(transformer.Parameters.Layout, transformer.Device);
        _forward = new ForwardPass(transformer.Definition, _leaves);
        _optimiser = new AdamW(transformer.Parameters, definition.WeightDecay);
        _loss = zeros([], ScalarType.Float32, transformer.Device).DetachFromDisposeScope();
        var byAutograd = transformer.ParameterNames.Where(name => !IsByHand(name)).ToArray();
        _blockLeaves = [.. byAutograd.Select(name => _leaves[name])];
        _blockGradients = [.. byAutograd.Select(name => _gradients[name])];
        var tokensPerStep = (long)definition.BatchContexts * transformer.Definition.ContextLength;
        Steps = (definition.Tokens + tokensPerStep - 1) / tokensPerStep;
    }

    public TransformerTrainingDefinition Definition { get; }

    public ulong Seed { get; }

    /// <summary>The order in which contexts are seen.</summary>
    public ContextOrder Order { get; }

    /// <summary>Steps in all.</summary>
    public long Steps { get; }

    /// <summary>Steps taken.</summary>
    public long StepIndex { get; private set; }

    /// <summary>Tokens trained on.</summary>
    public long TokensSeen => ContextsSeen * Order.ContextLength;

    internal Transformer Transformer => _transformer;

    internal AdamW Optimiser => _optimiser;

    internal long TrainTokens => _train.Count;

    private long ContextsSeen => StepIndex * Definition.BatchContexts;

    /// <summary>The order in which a training with this seed sees the contexts of a split.</summary>
    public static ContextOrder OrderOf(ITokenSequence train, int contextLength, ulong seed) =>
        new(train.Count, contextLength, SeededRandom.Derive(seed, 0), lookahead: 1);

    /// <summary>Takes one step on the next batch.</summary>
    /// <exception cref="InvalidOperationException">All <see cref="Steps"/> are taken.</exception>
    /// <exception cref="DivergedException">The loss is not finite (looked at every few steps and at the end).</exception>
    public TrainingStep Step()
    {
        if (StepIndex >= Steps)
            throw new InvalidOperationException($"All {Steps} steps are taken.");
        var learningRate = LearningRateAt(StepIndex);
        using (var scope = NewDisposeScope())
        {
            ComputeGradients(_reader.Read(Order, ContextsSeen, Definition.BatchContexts, _transformer.Device));
            Clip();
            _optimiser.Step(_gradients.Flat, learningRate, StepIndex + 1);
        }

        StepIndex++;
        if (StepIndex % DivergenceCheckEvery == 0 || StepIndex == Steps)
            RequireFinite();
        return new TrainingStep(this, StepIndex, TokensSeen, learningRate);
    }

    /// <summary>Writes everything that <see cref="Resume"/> needs into a folder that exists.</summary>
    /// <exception cref="DivergedException">The loss is not finite: such a state is not worth keeping.</exception>
    public void SaveCheckpoint(string folder)
    {
        if (StepIndex > 0)
            RequireFinite();
        TrainerCheckpoint.Save(this, folder);
    }

    /// <summary>Goes on from what <see cref="SaveCheckpoint"/> wrote, with the same bits as if never interrupted.</summary>
    /// <exception cref="InvalidDataException">A file is malformed, or belongs to another training.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    public void Resume(string folder) => StepIndex = TrainerCheckpoint.Restore(this, folder);

    /// <summary>The gradients of the mean loss on one batch, by state key; for tests.</summary>
    internal ParameterSet GradientsOf(Tensor windows)
    {
        using var scope = NewDisposeScope();
        ComputeGradients(windows);
        return _gradients;
    }

    internal double ReadLoss(long index)
    {
        if (index != StepIndex)
            throw new InvalidOperationException($"The loss of step {index} is gone: step {StepIndex} has been taken.");
        return _loss.item<float>();
    }

    public void Dispose()
    {
        _leaves.Dispose();
        _gradients.Dispose();
        _optimiser.Dispose();
        _loss.Dispose();
    }

    private static bool IsByHand(string name) =>
        name is "embed.W_E" or "pos_embed.W_pos" or "unembed.W_U" or "unembed.b_U";

    private static void Validate(TransformerTrainingDefinition definition)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(definition.Tokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(definition.BatchContexts, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(definition.LearningRate);
        ArgumentOutOfRangeException.ThrowIfNegative(definition.WarmupSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(definition.WeightDecay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(definition.ClipNorm);
    }

    /// <summary>
    /// Forward and backward. Embeddings and unembedding, whose matrices are the large ones, are differentiated by hand,
    /// what is between them by autograd.
    /// </summary>
    /// <param name="windows">[B, T + 1], int64.</param>
    private void ComputeGradients(Tensor windows)
    {
        var (b, t) = (windows.shape[0], windows.shape[1] - 1);
        var d = _transformer.Definition.ModelDim;
        var tokens = windows.narrow(1, 0, t).contiguous();
        var targets = windows.narrow(1, 1, t).reshape(-1);
        Tensor embedded;
        using (no_grad())
            embedded = _forward.Embed(tokens);                                             // [N, d]
        embedded.requires_grad_();
        var x = _forward.Finish(StreamPoint.Start(embedded), t);                         // [N, d]

        using (no_grad())
            _gradients.Flat.zero_();
        Tensor gradientOfX;
        using (no_grad())
        {
            (var loss, gradientOfX) = UnembeddingLoss.WithGradients(
                x, targets, _leaves.Unembedding, _leaves.UnembeddingBias, _gradients.Unembedding, _gradients.UnembeddingBias);
            _loss.copy_(loss);
        }

        var gradients = autograd.grad([x], [embedded, .. _blockLeaves], [gradientOfX]);
        using (no_grad())
        {
            _gradients.TokenEmbedding.index_add_(0, tokens.view(-1), gradients[0], 1);
            _gradients.PositionEmbedding.narrow(0, 0, t).add_(gradients[0].view(b, t, d).sum(dim: 0L));
            for (var i = 0; i < _blockGradients.Length; i++)
                _blockGradients[i].copy_(gradients[i + 1]);
        }
    }

    /// <summary>Scales the gradient down to the norm allowed, without asking the device for its norm.</summary>
    private void Clip()
    {
        using var noGradient = no_grad();
        var norm = _gradients.Flat.norm();
        _gradients.Flat.mul_((Definition.ClipNorm / (norm + 1e-12)).clamp_max(1.0));
    }

    private double LearningRateAt(long step)
    {
        if (step < Definition.WarmupSteps)
            return Definition.LearningRate * (step + 1) / (Definition.WarmupSteps + 1);
        var progress = (step - Definition.WarmupSteps) / (double)Math.Max(1, Steps - Definition.WarmupSteps);
        var cosine = (1 + Math.Cos(Math.PI * progress)) / 2;
        return Definition.LearningRate * (FinalRateShare + ((1 - FinalRateShare) * cosine));
    }

    private void RequireFinite()
    {
        var loss = ReadLoss(StepIndex);
        if (!double.IsFinite(loss))
            throw new DivergedException(StepIndex, loss);
    }
}
