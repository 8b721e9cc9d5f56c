using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Numerics.Dictionaries.Training;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>Same definition, same data, same bits: on any number of threads, beside others, and after an interruption.</summary>
public sealed class DeterminismTests
{
    private const int Dim = 48;
    private const int Batch = 200;
    private const int Steps = 8;

    public static TheoryData<string> Kinds() => [.. Probe.Kinds];

    public static TheoryData<string, int> Interruptions()
    {
        var cases = new TheoryData<string, int>();
        foreach (var kind in Probe.Kinds)
            foreach (var step in new[] { 1, 3, 4 }) cases.Add(kind, step);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_GivesTheSameBitsOnAnyNumberOfThreads(string kind)
    {
        foreach (var path in new[] { GradientPath.Dense, GradientPath.Sparse })
        {
            var one = Train(kind, path, threads: 1, to: 6);
            foreach (var threads in new[] { 2, 3, 8 }) Assert.Equal(one, Train(kind, path, threads, to: 6));
        }
    }

    [Fact]
    public void Step_GivesTheSameBitsBesideOthers()
    {
        var alone = Train("standard", GradientPath.Measured, threads: 0, to: 6);
        using var dictionary = Fresh("standard");
        using var other = Fresh("gated");
        using var trainer = new DictionaryTrainer(dictionary);
        using var otherTrainer = new DictionaryTrainer(other);
        for (var step = 0; step < 6; step++)
        {
            TakeStep(otherTrainer, step);
            TakeStep(trainer, step);
        }

        Assert.Equal(alone, Flat(trainer));
    }

    [Theory]
    [MemberData(nameof(Interruptions))]
    public void Resume_EndsInTheSameBits(string kind, int interruptedAfter)
    {
        var whole = Train(kind, GradientPath.Measured, threads: 0, to: Steps);
        using var folder = new TemporaryFolder();
        Train(kind, GradientPath.Measured, threads: 0, to: interruptedAfter, checkpoint: folder.Path);
        using var trainer = DictionaryTrainer.Resume(folder.Path);
        using var dictionary = trainer.Dictionary;
        Assert.Equal(interruptedAfter, trainer.StepIndex);
        for (var step = interruptedAfter; step < Steps; step++) TakeStep(trainer, step);
        Assert.Equal(whole, Flat(trainer));
    }

    [Fact]
    public void Resume_KeepsWhatWasNotYetRead()
    {
        using var dictionary = Fresh("standard");
        using var trainer = new DictionaryTrainer(dictionary);
        for (var step = 0; step < 3; step++) TakeStep(trainer, step);
        using var folder = new TemporaryFolder();
        trainer.SaveCheckpoint(folder.Path);
        using var resumed = DictionaryTrainer.Resume(folder.Path);
        using var resumedDictionary = resumed.Dictionary;
        Assert.Equal(trainer.TokensSeen, resumed.TokensSeen);
        Assert.Equal(trainer.ReadMetrics(), resumed.ReadMetrics());
    }

    [Fact]
    public void Resume_NamesTheFileThatIsMissing()
    {
        using var dictionary = Fresh("standard");
        using var folder = new TemporaryFolder();
        dictionary.Save(folder.Path);
        var error = Assert.Throws<InvalidDataException>(() => DictionaryTrainer.Resume(folder.Path));
        Assert.Contains("trainer.safetensors", error.Message, StringComparison.Ordinal);
    }

    /// <summary>With warm-ups, a decay and a resampling on the way.</summary>
    private static DictionaryDefinition Definition(string kind) => Probe.Of(kind, 130, Batch, Steps) with
    {
        WarmupSteps = 3,
        L1WarmupSteps = 5,
        DecayFraction = 0.5,
        LearningRate = 0.02,
        Resampling = new() { EverySteps = 4, DeadAfterSteps = 1, Times = 1, Candidates = 500 },
    };

    private static SparseDictionary Fresh(string kind) => Probe.Dictionary(Definition(kind), Dim, encoderBias: -0.8f);

    private static float[] Train(string kind, GradientPath path, int threads, int to, string? checkpoint = null)
    {
        using var dictionary = Fresh(kind);
        using var trainer = new DictionaryTrainer(dictionary, path, threads);
        for (var step = 0; step < to; step++) TakeStep(trainer, step);
        if (checkpoint is not null) trainer.SaveCheckpoint(checkpoint);
        return Flat(trainer);
    }

    private static void TakeStep(DictionaryTrainer trainer, int step)
    {
        using var scope = NewDisposeScope();
        trainer.Step(Vectors(step, Batch, Dim), Targets(trainer, step, Batch));
        if (trainer.WantsResampling) trainer.Resample(Vectors(1000 + step, 500, Dim), Targets(trainer, 1000 + step, 500));
    }

    private static Tensor Targets(DictionaryTrainer trainer, int number, int count) => trainer.Dictionary.OutputDim == Dim
        ? Vectors(number, count, Dim)
        : Vectors(5000 + number, count, trainer.Dictionary.OutputDim);

    private static Tensor Vectors(int number, int count, int dim) => Probe.Gaussian((ulong)(50 + number), count, dim);

    private static float[] Flat(DictionaryTrainer trainer) =>
        [.. Probe.CheckpointTensors(trainer).OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value)];
}
