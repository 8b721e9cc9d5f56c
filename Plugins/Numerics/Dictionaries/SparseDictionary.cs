using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Architectures;
using Orchestrator.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>
/// A sparse autoencoder or transcoder: z = (x − b_dec) W_encᵀ, f by its architecture, x̂ = f W_dec + b_dec (and + x W_skipᵀ
/// where it has a skip). Both weights lie feature-major, so that one feature is one row. Owns its tensors; belongs to one
/// thread at a time. Legend: B tokens, D activation, D_out output, F feature.
/// </summary>
public sealed class SparseDictionary : IDisposable
{
    /// <summary><see cref="LossConvention"/> of an imported one.</summary>
    public const string UnknownLoss = "unknown";

    private const int RowsAtOnce = 1024;

    private readonly Dictionary<string, Tensor> _vectors = new(StringComparer.Ordinal);
    private HostEncoder? _hostEncoder;

    /// <summary>A fresh dictionary that reconstructs its input.</summary>
    /// <param name="definition">Architecture, feature count, seed.</param>
    /// <param name="activationDim">D.</param>
    /// <param name="hookPoint">Where its inputs are read.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="ArgumentException">The definition is none of its architecture.</exception>
    public SparseDictionary(DictionaryDefinition definition, int activationDim, string hookPoint, Device? device = null)
        : this(definition, new DictionarySite(hookPoint, activationDim), device)
    {
    }

    /// <summary>
    /// A fresh dictionary. Decoder rows are drawn from a uniform distribution and normalised; the encoder is their transpose
    /// (for some scaled down) or, for the paper's architecture, drawn independently: of the two readings of "default PyTorch Kaiming uniform" the
    /// one of a linear layer, U(±1/√D). Biases are 0 (the trainer sets b_dec to the geometric median), the skip too.
    /// </summary>
    /// <param name="definition">Architecture, feature count, seed.</param>
    /// <param name="site">Where it stands.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="ArgumentException">The definition is none of its architecture, or the site does not fit it.</exception>
    public SparseDictionary(DictionaryDefinition definition, DictionarySite site, Device? device = null)
        : this(definition.WithDefaults(), site, device ?? CPU, ScalarType.Float32)
    {
        DictionaryInitialisation.Fill(this);
    }

    /// <summary>A dictionary whose weights are all still 0.</summary>
    /// <param name="definition">With defaults.</param>
    /// <param name="type">float32; float64 to check gradients.</param>
    internal SparseDictionary(DictionaryDefinition definition, DictionarySite site, Device device, ScalarType type)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(site.ActivationDim);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(site.OutputDim);
        Architecture = Architecture.Of(definition);
        if (Architecture.HasTarget != site.TargetHookPoint is not null)
        {
            throw new ArgumentException(Architecture.HasTarget
                ? $"A {definition.Architecture} needs a hook point to reconstruct."
                : $"A dictionary of architecture '{definition.Architecture}' reconstructs its input; found the target {site.TargetHookPoint}.");
        }

        (Definition, Site, Device, Type) = (definition, site, device, type);
        EncoderWeight = Zeros(FeatureCount, ActivationDim);
        DecoderWeight = Zeros(FeatureCount, OutputDim);
        DecoderBias = Zeros(OutputDim);
        SkipWeight = definition.Skip is true ? Zeros(OutputDim, ActivationDim) : null;
        foreach (var vector in Architecture.Vectors) _vectors.Add(vector.Name, Zeros(FeatureCount).fill_(vector.Initial));
    }

    /// <summary>With every option of its architecture filled in.</summary>
    public DictionaryDefinition Definition { get; }

    public DictionarySite Site { get; }

    /// <summary>F.</summary>
    public int FeatureCount => Definition.FeatureCount;

    /// <summary>D.</summary>
    public int ActivationDim => Site.ActivationDim;

    /// <summary>D_out; equals D but for transcoders.</summary>
    public int OutputDim => Site.OutputDim;

    public string HookPoint => Site.HookPoint;

    public Device Device { get; }

    /// <summary>Whether b_dec is subtracted before the encoder.</summary>
    public bool HasPreBias => !Architecture.HasTarget && Definition.PreBias is not false;

    /// <summary>What was minimised in training; written with every dictionary.</summary>
    public string LossConvention => ImportedFrom is null ? Architecture.Loss(Definition) : UnknownLoss;

    /// <summary>Where it comes from; null: trained here.</summary>
    public string? ImportedFrom { get; internal init; }

    /// <summary>
    /// Whether the rows of the decoder are of unit norm (or 0), so that an activation is a length. Of what is trained here
    /// they are; of an imported dictionary they are not where scaling them would change which features are active.
    /// </summary>
    public bool HasUnitRows { get; internal init; } = true;

    /// <summary>[F, D]; the dictionary's own, live.</summary>
    public Tensor EncoderWeight { get; }

    /// <summary>[F, D_out], see <see cref="HasUnitRows"/>; the dictionary's own, live.</summary>
    public Tensor DecoderWeight { get; }

    /// <summary>b_dec, [D_out]; the dictionary's own, live.</summary>
    public Tensor DecoderBias { get; }

    /// <summary>W_skip, [D_out, D], live; null where there is no skip.</summary>
    public Tensor? SkipWeight { get; }

    /// <summary>The bias that decides whether a feature is active: b_enc, or b_gate of a gated dictionary. [F], live.</summary>
    public Tensor EncoderBias => Vector(Architecture.Vectors[0].Name);

    /// <summary>
    /// The threshold that a dictionary trained on ranks in a batch uses at inference; 0 before the first step, and for other
    /// architectures.
    /// </summary>
    public double Threshold { get; internal set; }

    internal Architecture Architecture { get; }

    internal ScalarType Type { get; }

    /// <summary>The names of its parameters with a number for each feature.</summary>
    public IReadOnlyList<string> VectorNames => [.. Architecture.Vectors.Select(vector => vector.Name)];

    /// <summary>Reads a folder that <see cref="Save"/> wrote.</summary>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="InvalidDataException">A file is missing or does not fit; the message names it and says how.</exception>
    public static SparseDictionary Load(string folder, Device? device = null) => DictionaryFiles.Load(folder, device ?? CPU);

    /// <summary>What such a folder says without its weights.</summary>
    /// <exception cref="InvalidDataException">The configuration is missing or is none.</exception>
    public static (DictionaryDefinition Definition, DictionarySite Site) Describe(string folder)
    {
        var config = DictionaryFiles.ReadConfig(folder);
        return (config.Definition, config.Site);
    }

    /// <summary>
    /// Writes <c>sae.safetensors</c> (W_enc [D, F], W_dec [F, D_out], b_dec [D_out], the architecture's vectors [F]) and
    /// <c>config.json</c>.
    /// </summary>
    /// <param name="folder">Created if missing; files of these names are replaced.</param>
    public void Save(string folder) => DictionaryFiles.Save(this, folder);

    /// <summary>A parameter with a number for each feature, [F], by its state key; live.</summary>
    /// <exception cref="KeyNotFoundException">The architecture has no such vector.</exception>
    public Tensor Vector(string name) => _vectors[name];

    /// <summary>Feature activations f as a matrix.</summary>
    /// <param name="x">Activations, [B, D].</param>
    /// <returns>[B, F]; the caller disposes.</returns>
    /// <exception cref="ArgumentException">The shape or the type is wrong.</exception>
    public Tensor Encode(Tensor x)
    {
        RequireInput(x);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (Device.type != DeviceType.CPU)
        {
            var pairs = Architecture.Select(this, PreActivations(x));
            return scope.MoveToOuter(pairs.ToDense(pairs.Values, x.shape[0], FeatureCount));
        }

        var dense = zeros(x.shape[0], FeatureCount, ScalarType.Float32);
        for (long start = 0; start < x.shape[0]; start += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, x.shape[0] - start);
            var pairs = EncodeSparse(x.narrow(0, start, count));
            var rows = HostMemory.Singles(dense.narrow(0, start, count));
            for (var token = 0; token < pairs.TokenCount; token++)
            {
                var features = pairs.FeaturesOf(token);
                var values = pairs.ValuesOf(token);
                for (var pair = 0; pair < features.Length; pair++) rows[(token * FeatureCount) + features[pair]] = values[pair];
            }
        }

        return scope.MoveToOuter(dense);
    }

    /// <summary>The same activations, only those that are not zero; never holds [B, F] for a large B.</summary>
    /// <param name="x">Activations, [B, D].</param>
    /// <exception cref="ArgumentException">The shape or the type is wrong.</exception>
    public SparseActivations EncodeSparse(Tensor x)
    {
        RequireInput(x);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (Device.type == DeviceType.CPU) return (_hostEncoder ??= new HostEncoder(this)).Encode(x);
        var parts = new List<SparseActivations>();
        for (long start = 0; start < x.shape[0]; start += RowsAtOnce)
        {
            using var part = NewDisposeScope();
            var rows = x.narrow(0, start, Math.Min(RowsAtOnce, x.shape[0] - start));
            parts.Add(SparseActivationsBuilder.FromTensors(Architecture.Select(this, PreActivations(rows)), (int)rows.shape[0], FeatureCount));
        }

        return SparseActivationsBuilder.Join(parts, FeatureCount);
    }

    /// <summary>f W_dec + b_dec: the reconstruction, but for what a skip adds.</summary>
    /// <param name="f">Feature activations, [B, F].</param>
    /// <returns>[B, D_out]; the caller disposes.</returns>
    /// <exception cref="ArgumentException">The shape or the type is wrong.</exception>
    public Tensor Decode(Tensor f)
    {
        Shape.Require(f, Shape.Any, FeatureCount);
        Shape.RequireType(f, ScalarType.Float32);
        using var noGradient = no_grad();
        return addmm(DecoderBias, f, DecoderWeight, 1, 1);
    }

    /// <summary>The same from the active pairs alone.</summary>
    /// <returns>[B, D_out] on the dictionary's device; the caller disposes.</returns>
    /// <exception cref="ArgumentException">They are of another number of features.</exception>
    public Tensor Decode(SparseActivations f)
    {
        if (f.FeatureCount != FeatureCount)
            throw new ArgumentException($"Expected activations of {FeatureCount} features, found {f.FeatureCount}.", nameof(f));
        return HostDecoder.Decode(this, f);
    }

    /// <summary>The whole reconstruction of what the dictionary stands for, x̂ or, of a transcoder, ŷ.</summary>
    /// <param name="x">Activations, [B, D].</param>
    /// <param name="f">Their feature activations.</param>
    /// <returns>[B, D_out]; the caller disposes.</returns>
    /// <exception cref="ArgumentException">The shape or the type is wrong.</exception>
    public Tensor Reconstruct(Tensor x, SparseActivations f)
    {
        RequireInput(x);
        var reconstruction = Decode(f);
        if (SkipWeight is null) return reconstruction;
        using var noGradient = no_grad();
        using var transposed = SkipWeight.t();
        return reconstruction.addmm_(x, transposed, beta: 1, alpha: 1);
    }

    /// <summary>A feature's direction: its decoder row at unit norm, copied, [D_out]; 0 where the row is 0.</summary>
    public float[] Direction(int feature)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(feature);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(feature, FeatureCount);
        using var row = Directions(feature, 1);
        return HostMemory.ToSingles(row);
    }

    /// <summary>The directions of consecutive features, [count, D_out]; the caller disposes. May be a view of the decoder.</summary>
    public Tensor Directions(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, FeatureCount - first);
        using var noGradient = no_grad();
        var rows = DecoderWeight.narrow(0, first, count);
        if (HasUnitRows) return rows;
        using var scope = NewDisposeScope();
        var norms = rows.norm(1, keepdim: true);                                     // [count, 1]
        return scope.MoveToOuter(rows / norms.where(norms > 0, ones_like(norms)));   // [count, D_out]
    }

    public void Dispose()
    {
        _hostEncoder?.Dispose();
        Tensor?[] all = [EncoderWeight, DecoderWeight, DecoderBias, SkipWeight, .. _vectors.Values];
        foreach (var tensor in all) tensor?.Dispose();
    }

    /// <summary>Moves the threshold towards the lowest activation that a batch's ranks selected.</summary>
    /// <param name="lowest">0: nothing was selected.</param>
    /// <param name="share">Of the newest batch in the running mean.</param>
    internal void MoveThreshold(double lowest, double share)
    {
        if (lowest > 0) Threshold = Threshold > 0 ? Threshold + (share * (lowest - Threshold)) : lowest;
    }

    /// <summary>z, [B, F].</summary>
    private Tensor PreActivations(Tensor x) => (HasPreBias ? x - DecoderBias : x).mm(EncoderWeight.t());

    private Tensor Zeros(params long[] shape) => zeros(shape, Type, Device).DetachFromDisposeScope();

    private void RequireInput(Tensor x)
    {
        Shape.Require(x, Shape.Any, ActivationDim);
        Shape.RequireType(x, Type);
    }
}
