using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Interchange.DictionaryLearning;
using Orchestrator.Numerics.Interchange.SaeLens;
using Orchestrator.Numerics.Interchange.Sparsify;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Interchange;

/// <summary>
/// A dictionary in the files of another tool. What cannot be computed here exactly as there is refused by name; so is every
/// file that is not of its form.
/// </summary>
public abstract class ForeignDictionary
{
    /// <summary>Whose files are read, with what each is recognised by.</summary>
    private static readonly ForeignFormat[] Formats = [SaeLensDictionary.Format, SparsifyDictionary.Format, DictionaryLearningDictionary.Format];

    /// <summary>Where it lies.</summary>
    public required string Folder { get; init; }

    /// <summary>The tool, and what it calls the kind: <c>SAELens jumprelu</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What the files say of where it comes from, for people; empty: nothing.</summary>
    public required string Remarks { get; init; }

    /// <summary>Where its inputs were read, as its files name it; null: they do not say.</summary>
    public required string? HookPoint { get; init; }

    /// <summary>What it reconstructs, likewise; null: they do not say, or it reconstructs its input.</summary>
    public required string? TargetHookPoint { get; init; }

    /// <summary>Whether it reconstructs something else than its input.</summary>
    public bool HasTarget => Definition.Architecture == DictionaryArchitecture.Transcoder;

    /// <summary>D.</summary>
    public required int ActivationDim { get; init; }

    /// <summary>D_out.</summary>
    public required int OutputDim { get; init; }

    /// <summary>Without anything about its training, of which nothing comparable is known.</summary>
    public required DictionaryDefinition Definition { get; init; }

    /// <summary>Reads what there is beside the weights.</summary>
    /// <exception cref="InvalidDataException">The folder is none of a known tool, or holds what cannot be held here.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static ForeignDictionary Open(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {folder}.");
        var found = Formats.Where(format => format.Files.All(file => File.Exists(Path.Combine(folder, file)))).ToArray();
        return found switch
        {
            [var one] => one.Open(folder),
            [] => throw new InvalidDataException($"{folder} holds no dictionary of a known tool; looked for {string.Join(", for ", Formats.Select(format => format.Describe()))}."),
            _ => throw new InvalidDataException($"{folder} holds dictionaries of several tools: {string.Join(", ", found.Select(format => format.Describe()))}."),
        };
    }

    /// <summary>Reads, checks and folds the weights.</summary>
    /// <param name="hookPoint">Where its inputs are read here.</param>
    /// <param name="targetHookPoint">What it reconstructs; null: its input.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="InvalidDataException">A file is not of its form; the message names it, the tensor, what was found and what is expected.</exception>
    /// <exception cref="ArgumentException">There is a target hook point for what has no target, or none for what has one.</exception>
    public SparseDictionary Load(string hookPoint, string? targetHookPoint = null, Device? device = null)
    {
        var site = new DictionarySite(hookPoint, ActivationDim, targetHookPoint, targetHookPoint is null ? null : OutputDim);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var read = Read();
        RequireThresholds(read);
        SquareWeights.Require(read, HasTarget);
        var (weights, areUnit) = DecoderRows.Normalise(read, Definition);
        var dictionary = new SparseDictionary(Definition.WithoutTraining(), site, device ?? CPU, ScalarType.Float32)
        {
            ImportedFrom = Remarks.Length == 0 ? Kind : $"{Kind}; {Remarks}",
            HasUnitRows = areUnit,
            Threshold = weights.Threshold,
        };
        try
        {
            Fill(dictionary, weights);
            return dictionary;
        }
        catch
        {
            dictionary.Dispose();
            throw;
        }
    }

    /// <summary>Reads the weights; runs in a dispose scope.</summary>
    internal abstract ForeignWeights Read();

    /// <summary>The start of a definition: its training is not known.</summary>
    internal static DictionaryDefinition Untrained(string architecture, int featureCount) => new()
    {
        Architecture = architecture,
        FeatureCount = featureCount,
        Tokens = 0,
        Seed = 0,
        LearningRate = 0,
        BatchSize = 0,
        CheckpointEvery = 0,
        Resampling = new ResamplingDefinition { EverySteps = 0, DeadAfterSteps = 0, Times = 0, Candidates = 0, EncoderScale = 0 },
    };

    private static void Fill(SparseDictionary dictionary, ForeignWeights weights)
    {
        dictionary.EncoderWeight.copy_(weights.Encoder.Value);
        dictionary.DecoderWeight.copy_(weights.Decoder.Value);
        dictionary.DecoderBias.copy_(weights.DecoderBias);
        foreach (var name in dictionary.VectorNames) dictionary.Vector(name).copy_(weights.Vectors[name]);
        dictionary.SkipWeight?.copy_(weights.Skip!);
    }

    private static void RequireThresholds(ForeignWeights weights)
    {
        if (!weights.Vectors.TryGetValue("threshold", out var thresholds)) return;
        var least = thresholds.min().item<float>();
        if (least < 0)
            throw new InvalidDataException(FormattableString.Invariant($"{weights.Path}: tensor 'threshold' holds {least} at feature {thresholds.argmin().item<long>()}; thresholds are expected to be at least 0."));
    }
}
