using System.Numerics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// What is particular to one kind of dictionary. All have an encoder, z = (x − b_dec) W_encᵀ, and a decoder of unit rows,
/// x̂ = f W_dec + b_dec; an architecture says which pairs of token and feature are active given z, how strongly, and what
/// its loss adds to the reconstruction error. The steps do the rest, over active pairs.
/// Legend: B tokens, D activation, F feature.
/// </summary>
internal abstract class Architecture
{
    private static readonly Architecture[] Known =
    [
        new StandardArchitecture(), new TopKArchitecture(), new BatchTopKArchitecture(), new JumpReluArchitecture(),
        new GatedArchitecture(), new MatryoshkaArchitecture(),
    ];

    /// <summary>As in <see cref="DictionaryArchitecture"/>.</summary>
    public abstract string Name { get; }

    /// <summary>What is minimised, for people; written with every dictionary.</summary>
    public abstract string Loss(DictionaryDefinition definition);

    /// <summary>Parameters with a number for each feature; the first one is its bias.</summary>
    public abstract IReadOnlyList<FeatureVector> Vectors { get; }

    /// <summary>How the encoder begins.</summary>
    public virtual EncoderStart EncoderStart => EncoderStart.Decoder;

    /// <summary>Whether one threshold for all features stands in at inference for a choice among a batch.</summary>
    public virtual bool HasThreshold => false;

    /// <summary>Whether what it reconstructs is not its input.</summary>
    public virtual bool HasTarget => false;

    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static Architecture Of(DictionaryDefinition definition) => definition.Architecture == DictionaryArchitecture.Transcoder
        ? TranscoderArchitecture.For(definition)
        : Array.Find(Known, architecture => architecture.Name == definition.Architecture)
            ?? throw new ArgumentException($"Architecture '{definition.Architecture}' is not known; known: {string.Join(", ", DictionaryArchitecture.All.Select(a => a.Name))}.");

    /// <summary>The training rule on the CPU.</summary>
    public abstract HostRule<T> Rule<T>(HostBinding<T> binding)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Selection at inference on the CPU.</summary>
    public abstract PairSelector<T> Selector<T>(HostBinding<T> binding)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The training rule in libtorch's operations.</summary>
    public abstract TensorRule Rule(TensorBinding binding);

    /// <summary>Selection at inference in libtorch's operations.</summary>
    /// <param name="dictionary">Whose vectors and threshold apply.</param>
    /// <param name="z">Raw pre-activations, [B, F].</param>
    public abstract TensorPairs Select(SparseDictionary dictionary, Tensor z);
}
