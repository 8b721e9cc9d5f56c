using System.Diagnostics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using TorchSharp;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Training;

/// <summary>
/// Trains one dictionary by the paper's method: Adam on the loss of its architecture, the decoder's gradient freed of its
/// component along each row, rows renormalised after the step (Adam's scaling undoes the projection), dead features
/// resampled. Its bits depend on its definition, its data and the kind of device: not on the number of threads, not on
/// who else trains on the same stream.
/// </summary>
public sealed class DictionaryTrainer : IDisposable
{
    private const ulong ResamplingPart = 16;

    private readonly OptimiserState _state;
    private readonly IDictionaryStep _step;
    private readonly WorkerTeam _team;
    private readonly StepSums _sums = new();
    private TrainerProgress _progress = new();

    /// <param name="dictionary">Trained in place; stays the caller's to dispose.</param>
    /// <param name="path">For tests and benchmarks: on the CPU a step chooses by itself.</param>
    /// <param name="threads">Threads beside libtorch's own; 0: one for each processor. Does not change the result.</param>
    public DictionaryTrainer(SparseDictionary dictionary, GradientPath path = GradientPath.Measured, int threads = 0)
    {
        Dictionary = dictionary;
        _state = new OptimiserState(dictionary);
        _team = threads == 0 ? WorkerTeam.Shared : new WorkerTeam(threads);
        _step = dictionary.Device.type != DeviceType.CPU || path is GradientPath.DenseTensors or GradientPath.SparseTensors
            ? new TensorStep(dictionary, _state, path)
            : dictionary.Type == ScalarType.Float64
                ? new HostStep<double>(dictionary, _state, path, _team)
                : new HostStep<float>(dictionary, _state, path, _team);
    }

    public SparseDictionary Dictionary { get; }

    internal OptimiserState State => _state;

    public DictionaryDefinition Definition => Dictionary.Definition;

    /// <summary>Steps taken.</summary>
    public long StepIndex => _progress.Steps;

    /// <inheritdoc cref="DictionaryDefinition.Steps"/>
    public long Steps => Definition.Steps;

    /// <summary>Activation vectors seen.</summary>
    public long TokensSeen => _progress.TokensSeen;

    /// <summary>Features re-seeded so far.</summary>
    public int ResampledFeatures => _progress.ResampledFeatures;

    /// <summary>Wall-clock time in steps, over all resumptions.</summary>
    public TimeSpan StepTime => TimeSpan.FromSeconds(_progress.StepSeconds);

    /// <summary>Activation vectors per second of this trainer's own steps; 0 before the first.</summary>
    public double TokensPerSecond => _progress.StepSeconds > 0 ? TokensSeen / _progress.StepSeconds : 0;

    /// <summary>
    /// True after the steps at which the definition asks for a resampling, until <see cref="Resample(Tensor, Tensor)"/>
    /// is called or the next step is taken.
    /// </summary>
    public bool WantsResampling
    {
        get
        {
            var resampling = Definition.Resampling;
            return resampling.EverySteps > 0
                && StepIndex > 0
                && StepIndex % resampling.EverySteps == 0
                && StepIndex / resampling.EverySteps <= resampling.Times
                && _progress.ResampledAt != StepIndex;
        }
    }

    /// <summary>Sets b_dec to the geometric median of a sample (paper, "Autoencoder").</summary>
    /// <param name="sample">Of what is to be reconstructed, [N, D_out]; a few thousand rows do.</param>
    /// <exception cref="ArgumentException">The shape or the type is wrong, or the sample is empty.</exception>
    /// <exception cref="InvalidOperationException">Training has begun.</exception>
    public void Initialise(Tensor sample)
    {
        Require(sample, Dictionary.OutputDim, long.MaxValue);
        if (StepIndex > 0) throw new InvalidOperationException("The pre-bias is set before the first step.");
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var median = GeometricMedian.Of(HostMemory.ToSingles(sample), Dictionary.OutputDim);
        Dictionary.DecoderBias.copy_(HostMemory.ToTensor(Array.ConvertAll(median, value => (float)value), [median.Length], CPU));
    }

    /// <summary>One step of a dictionary that reconstructs its input.</summary>
    /// <inheritdoc cref="Step(Tensor, Tensor)"/>
    public void Step(Tensor x) => Step(x, x);

    /// <summary>One step.</summary>
    /// <param name="x">Activation vectors, [B, D], B up to the definition's batch size.</param>
    /// <param name="target">What is to be reconstructed, [B, D_out]: <paramref name="x"/> itself but for transcoders.</param>
    /// <exception cref="ArgumentException">The shape or the type is wrong.</exception>
    /// <exception cref="InvalidOperationException">All steps are taken.</exception>
    /// <exception cref="DivergedException">The loss is no longer finite (on the CPU; elsewhere <see cref="ReadMetrics"/> sees it).</exception>
    public void Step(Tensor x, Tensor target)
    {
        Require(x, Dictionary.ActivationDim, Definition.BatchSize);
        Require(target, Dictionary.OutputDim, Definition.BatchSize);
        if (target.shape[0] != x.shape[0]) throw new ArgumentException($"{x.shape[0]} activation vectors and {target.shape[0]} targets.", nameof(target));
        if (StepIndex >= Steps) throw new InvalidOperationException($"All {Steps} steps are taken.");
        var began = Stopwatch.GetTimestamp();
        var index = StepIndex;
        var rate = TrainingSchedule.LearningRate(Definition, index, Steps);
        _step.Run(x, target, new StepSettings(index + 1, rate, TrainingSchedule.Penalty(Definition, index)));
        _progress.Steps++;
        _progress.TokensSeen += x.shape[0];
        _progress.StepSeconds += Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (Dictionary.Device.type == DeviceType.CPU) CollectSums();
    }

    /// <summary>Means since the last reading; NaN when no step was taken since. On a GPU this waits for the device.</summary>
    /// <exception cref="DivergedException">The loss is no longer finite.</exception>
    public TrainingMetrics ReadMetrics()
    {
        CollectSums();
        var metrics = _sums.Read();
        _sums.Clear();
        return metrics;
    }

    /// <inheritdoc cref="Resample(Tensor, Tensor)"/>
    public int Resample(Tensor candidates) => Resample(candidates, candidates);

    /// <summary>
    /// Re-seeds every feature that fired in none of the last <see cref="ResamplingDefinition.DeadAfterSteps"/> steps
    /// (paper, "Resampling").
    /// </summary>
    /// <param name="candidates">
    /// Vectors of the stream, [N, D]; the first <see cref="ResamplingDefinition.Candidates"/> of them are used. What the
    /// stream's buffer holds at this step is a good choice: it costs no memory and is the same on every run.
    /// </param>
    /// <param name="targets">What is to be reconstructed of them, [N, D_out].</param>
    /// <returns>How many were re-seeded: fewer than are dead only when there are fewer candidates.</returns>
    /// <exception cref="ArgumentException">The shape or the type is wrong.</exception>
    public int Resample(Tensor candidates, Tensor targets)
    {
        Require(candidates, Dictionary.ActivationDim, long.MaxValue);
        Require(targets, Dictionary.OutputDim, long.MaxValue);
        _progress.ResampledAt = StepIndex;
        var dead = DeadFeatures();
        if (dead.Length == 0) return 0;
        var random = new SeededRandom(SeededRandom.Derive(Definition.Seed, ResamplingPart + (ulong)StepIndex));
        var l1Coefficient = Definition.L1Coefficient is null ? 0 : TrainingSchedule.Penalty(Definition, StepIndex);
        var resampler = new Resampler(Dictionary, l1Coefficient, dead.Length, random);
        var wanted = Math.Min(candidates.shape[0], Definition.Resampling.Candidates);
        using (var inputs = candidates.narrow(0, 0, wanted))
        using (var outputs = targets.narrow(0, 0, wanted))
            resampler.Offer(inputs, outputs);
        var drawn = resampler.Drawn();
        if (drawn.Length == 0) return 0;
        var norm = Definition.Resampling.EncoderScale * MeanAliveEncoderNorm(dead);
        Resampler.Apply(Dictionary, _state, dead[..drawn.Length], drawn, norm, StepIndex);
        _progress.ResampledFeatures += drawn.Length;
        return drawn.Length;
    }

    /// <summary>Features that fired in none of the last <see cref="ResamplingDefinition.DeadAfterSteps"/> steps, ascending.</summary>
    public long[] DeadFeatures()
    {
        using var host = _state.LastFired.cpu();
        var lastFired = HostMemory.Longs(host);
        var dead = new List<long>();
        for (var feature = 0; feature < lastFired.Length; feature++)
            if (StepIndex - lastFired[feature] >= Definition.Resampling.DeadAfterSteps) dead.Add(feature);
        return [.. dead];
    }

    /// <summary>Writes everything that <see cref="Resume"/> needs to go on with the same bits.</summary>
    /// <param name="folder">Created if missing.</param>
    public void SaveCheckpoint(string folder)
    {
        CollectSums();
        TrainerCheckpoint.Save(folder, Dictionary, _state, _progress with { Sums = _sums });
    }

    /// <summary>A trainer, and a new dictionary in it, that go on where <see cref="SaveCheckpoint"/> was called.</summary>
    /// <param name="device">Null: the CPU.</param>
    /// <returns>The caller disposes it and its <see cref="Dictionary"/>.</returns>
    /// <exception cref="InvalidDataException">A file is missing or does not fit.</exception>
    public static DictionaryTrainer Resume(
        string folder, Device? device = null, GradientPath path = GradientPath.Measured, int threads = 0)
    {
        var dictionary = SparseDictionary.Load(folder, device);
        var trainer = new DictionaryTrainer(dictionary, path, threads);
        try
        {
            trainer._progress = TrainerCheckpoint.Load(folder, trainer._state);
            trainer._sums.CopyFrom(trainer._progress.Sums);
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            dictionary.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _step.Dispose();
        _state.Dispose();
        if (_team != WorkerTeam.Shared) _team.Dispose();
    }

    private void CollectSums()
    {
        _step.Collect(_sums);
        if (!double.IsFinite(_sums.Loss))
            throw new DivergedException(StepIndex, _sums.Loss);
    }

    private double MeanAliveEncoderNorm(long[] dead)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var norms = HostMemory.ToSingles(Dictionary.EncoderWeight.square().sum(dim: 1L).sqrt_());
        // With nothing alive there is no scale to follow; the decoder's unit norm stands in.
        if (dead.Length == norms.Length) return 1;
        var isDead = new bool[norms.Length];
        foreach (var feature in dead) isDead[feature] = true;
        return norms.Where((_, feature) => !isDead[feature]).Average(norm => (double)norm);
    }

    private void Require(Tensor rows, int width, long most)
    {
        Shape.Require(rows, Shape.Any, width);
        Shape.RequireType(rows, Dictionary.Type);
        if (rows.shape[0] < 1 || rows.shape[0] > most)
            throw new ArgumentException($"Expected 1 to {most} activation vectors, found {rows.shape[0]}.", nameof(rows));
    }
}
