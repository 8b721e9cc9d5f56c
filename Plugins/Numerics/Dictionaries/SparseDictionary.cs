using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>
/// A sparse autoencoder of the <c>standard</c> architecture (paper, "Autoencoder"):
/// f = ReLU((x − b_dec) W_encᵀ + b_enc), x̂ = f W_dec + b_dec, decoder rows of unit L2 norm, one bias b_dec at both ends.
/// Both weights lie feature-major, [F, D], so that one feature is one row. Owns its tensors.
/// Legend: B tokens, D activation, F feature.
/// </summary>
public sealed class SparseDictionary : IDisposable
{
    /// <summary>The one architecture of this class.</summary>
    public const string StandardArchitecture = "standard";

    /// <summary>What λ is measured against; written with every dictionary (see <c>DictionaryResult.LossConvention</c>).</summary>
    public const string LossConvention = "mean-squared-error-over-elements + λ · sum-over-features";

    private const int TokensPerPiece = 32;
    private const int RowsAtOnce = 1024;
    private const ulong EncoderPart = 1;
    private const ulong DecoderPart = 2;

    /// <summary>
    /// A fresh dictionary. Of the two readings of "default PyTorch Kaiming uniform" it takes the one of a linear layer,
    /// U(±1/√D); decoder rows are drawn independently of the encoder and normalised, both biases are 0 (the trainer sets
    /// b_dec to the geometric median).
    /// </summary>
    /// <param name="definition">Feature count, seed, architecture.</param>
    /// <param name="activationDim">D.</param>
    /// <param name="hookPoint">Where its inputs are read.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="ArgumentException">Another architecture, or no features or dimensions.</exception>
    public SparseDictionary(DictionaryDefinition definition, int activationDim, string hookPoint, Device? device = null)
        : this(new DictionaryConfig
        {
            Definition = definition,
            ActivationDim = activationDim,
            HookPoint = hookPoint,
            LossConvention = LossConvention,
        }, device ?? CPU)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var bound = 1 / Math.Sqrt(activationDim);
        EncoderWeight.copy_(Uniform(SeededRandom.Derive(definition.Seed, EncoderPart), bound));
        var directions = Uniform(SeededRandom.Derive(definition.Seed, DecoderPart), bound);
        DecoderWeight.copy_(directions.div_(directions.square().sum(dim: 1L, keepdim: true).sqrt_()));
    }

    /// <summary>A dictionary whose weights are all still 0.</summary>
    internal SparseDictionary(DictionaryConfig config, Device device)
    {
        var (definition, activationDim) = (config.Definition, config.ActivationDim);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(activationDim);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(definition.FeatureCount, nameof(config));
        if (definition.Architecture != StandardArchitecture)
            throw new ArgumentException($"Architecture '{definition.Architecture}' is not known; known: {StandardArchitecture}.", nameof(config));
        (Definition, ActivationDim, HookPoint, Device) = (definition, activationDim, config.HookPoint, device);
        EncoderWeight = Zeros(FeatureCount, ActivationDim);
        DecoderWeight = Zeros(FeatureCount, ActivationDim);
        EncoderBias = Zeros(FeatureCount);
        DecoderBias = Zeros(ActivationDim);
    }

    public DictionaryDefinition Definition { get; }

    /// <summary>F.</summary>
    public int FeatureCount => Definition.FeatureCount;

    /// <summary>D.</summary>
    public int ActivationDim { get; }

    public string HookPoint { get; }

    public Device Device { get; }

    /// <summary>[F, D], float32; the dictionary's own, live.</summary>
    public Tensor EncoderWeight { get; }

    /// <summary>[F, D], rows of unit norm, float32; the dictionary's own, live.</summary>
    public Tensor DecoderWeight { get; }

    /// <summary>[F]; the dictionary's own, live.</summary>
    public Tensor EncoderBias { get; }

    /// <summary>[D]; the dictionary's own, live.</summary>
    public Tensor DecoderBias { get; }

    /// <summary>Feature activations, f = ReLU((x − b_dec) W_encᵀ + b_enc).</summary>
    /// <param name="x">Activations, [B, D].</param>
    /// <returns>[B, F]; the caller disposes.</returns>
    /// <exception cref="ArgumentException">The shape or the type is wrong.</exception>
    public Tensor Encode(Tensor x)
    {
        RequireInput(x);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var preActivations = (x - DecoderBias).mm(EncoderWeight.t()).add_(EncoderBias);   // [B, F]
        return scope.MoveToOuter(preActivations.relu_());
    }

    /// <summary>The same activations, only those that are not zero; never holds [B, F] for a large B.</summary>
    /// <param name="x">Activations, [B, D].</param>
    /// <exception cref="ArgumentException">The shape or the type is wrong.</exception>
    public SparseActivations EncodeSparse(Tensor x)
    {
        RequireInput(x);
        var batch = (int)x.shape[0];
        var segments = new List<PairSegment>();
        for (var start = 0; start < batch; start += RowsAtOnce)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            var rows = x.narrow(0, start, Math.Min(RowsAtOnce, batch - start));
            var preActivations = (rows - DecoderBias).mm(EncoderWeight.t()).cpu();        // [rows, F]
            segments.AddRange(Scan(preActivations, EncoderBias.cpu()));
        }

        return Join(segments, batch);
    }

    /// <summary>Reconstruction, x̂ = f W_dec + b_dec.</summary>
    /// <param name="f">Feature activations, [B, F].</param>
    /// <returns>[B, D]; the caller disposes.</returns>
    /// <exception cref="ArgumentException">The shape or the type is wrong.</exception>
    public Tensor Decode(Tensor f)
    {
        Shape.Require(f, Shape.Any, FeatureCount);
        Shape.RequireType(f, ScalarType.Float32);
        using var noGradient = no_grad();
        return addmm(DecoderBias, f, DecoderWeight, 1, 1);
    }

    /// <summary>Reconstruction from the active pairs alone.</summary>
    /// <returns>[B, D] on the dictionary's device; the caller disposes.</returns>
    /// <exception cref="ArgumentException">They are of another number of features.</exception>
    public Tensor Decode(SparseActivations f)
    {
        if (f.FeatureCount != FeatureCount)
            throw new ArgumentException($"Expected activations of {FeatureCount} features, found {f.FeatureCount}.", nameof(f));
        using var scope = NewDisposeScope();
        var decoded = empty(f.TokenCount, ActivationDim, ScalarType.Float32);
        Combine(f, DecoderWeight.cpu(), DecoderBias.cpu(), decoded);
        return scope.MoveToOuter(decoded.to(Device));
    }

    /// <summary>A feature's unit-norm decoder row, copied, [D].</summary>
    public float[] Direction(int feature)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(feature);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(feature, FeatureCount);
        using var row = DecoderWeight.select(0, feature);
        return HostMemory.ToSingles(row);
    }

    /// <summary>
    /// Writes <c>sae.safetensors</c> (W_enc [D, F], W_dec [F, D], b_enc [F], b_dec [D]) and <c>config.json</c>.
    /// </summary>
    /// <param name="folder">Created if missing; files of these names are replaced.</param>
    public void Save(string folder) => DictionaryFiles.Save(this, folder);

    /// <summary>Reads a folder that <see cref="Save"/> wrote.</summary>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="InvalidDataException">A file is missing or does not fit; the message names it and says how.</exception>
    public static SparseDictionary Load(string folder, Device? device = null) => DictionaryFiles.Load(folder, device ?? CPU);

    public void Dispose()
    {
        EncoderWeight.Dispose();
        DecoderWeight.Dispose();
        EncoderBias.Dispose();
        DecoderBias.Dispose();
    }

    private Tensor Zeros(params long[] shape) => zeros(shape, ScalarType.Float32, Device).DetachFromDisposeScope();

    private Tensor Uniform(ulong seed, double bound)
    {
        var random = new SeededRandom(seed);
        var values = new float[(long)FeatureCount * ActivationDim];
        foreach (ref var value in values.AsSpan()) value = (float)(((2 * random.NextDouble()) - 1) * bound);
        return HostMemory.ToTensor(values, [FeatureCount, ActivationDim], Device);
    }

    private void RequireInput(Tensor x)
    {
        Shape.Require(x, Shape.Any, ActivationDim);
        Shape.RequireType(x, ScalarType.Float32);
    }

    private unsafe PairSegment[] Scan(Tensor preActivations, Tensor encoderBias)
    {
        var rows = (int)preActivations.shape[0];
        var pre = HostPointer.Floats(preActivations);
        var bias = HostPointer.Floats(encoderBias);
        var segments = new PairSegment[FixedPartitions.Pieces(rows, TokensPerPiece)];
        new FixedPartitions(threads: 0).Run(segments.Length, piece =>
        {
            var first = piece * TokensPerPiece;
            var segment = new PairSegment(Math.Min(TokensPerPiece, rows - first));
            for (var row = 0; row < segment.TokenCounts.Length; row++)
                segment.Append(row, pre + ((nint)(first + row) * FeatureCount), bias, FeatureCount);
            segments[piece] = segment;
        });
        return segments;
    }

    private SparseActivations Join(List<PairSegment> segments, int tokens)
    {
        var pairs = segments.Sum(segment => segment.Count);
        var joined = new SparseActivations(tokens, FeatureCount, new int[tokens + 1], new int[pairs], new float[pairs]);
        var (token, at) = (0, 0);
        foreach (var segment in segments)
        {
            segment.Features.CopyTo(joined.Features.AsSpan(at));
            segment.Values.CopyTo(joined.Values.AsSpan(at));
            at += segment.Count;
            foreach (var count in segment.TokenCounts)
            {
                joined.Offsets[token + 1] = joined.Offsets[token] + count;
                token++;
            }
        }

        return joined;
    }

    private unsafe void Combine(SparseActivations f, Tensor decoderWeight, Tensor decoderBias, Tensor decoded)
    {
        var weight = HostPointer.Floats(decoderWeight);
        var bias = HostPointer.Floats(decoderBias);
        var rows = HostPointer.Floats(decoded);
        fixed (int* features = f.Features)
        fixed (float* values = f.Values)
        {
            var (pairs, activations) = ((nint)features, (nint)values);
            new FixedPartitions(threads: 0).Run(FixedPartitions.Pieces(f.TokenCount, TokensPerPiece), piece =>
            {
                var end = Math.Min(f.TokenCount, (piece + 1) * TokensPerPiece);
                for (var token = piece * TokensPerPiece; token < end; token++)
                {
                    var at = f.Offsets[token];
                    RowKernels.Combine(
                        rows + ((nint)token * ActivationDim), bias, weight, ActivationDim,
                        (int*)pairs + at, (float*)activations + at, f.Offsets[token + 1] - at);
                }
            });
        }
    }
}
