using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Numerics.Dictionaries.Training;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

public sealed class DeterminismTests
{
    private const int Dim = 48;
    private const int Batch = 200;

    [Theory]
    [InlineData(GradientPath.Dense)]
    [InlineData(GradientPath.Sparse)]
    public void Step_GivesTheSameBitsOnAnyNumberOfThreads(GradientPath path)
    {
        var one = Train(path, threads: 1, from: 0, to: 6);
        foreach (var threads in new[] { 2, 3, 8 }) Assert.Equal(one, Train(path, threads, from: 0, to: 6));
    }

    [Fact]
    public void Step_GivesTheSameBitsBesideOthers()
    {
        var alone = Train(GradientPath.Measured, threads: 0, from: 0, to: 6);
        var definition = Definition();
        using var dictionary = Probe.Dictionary(definition, Dim, encoderBias: -0.8f);
        using var other = Probe.Dictionary(definition with { FeatureCount = 70, Seed = 8 }, Dim);
        using var trainer = new DictionaryTrainer(dictionary);
        using var otherTrainer = new DictionaryTrainer(other);
        for (var step = 0; step < 6; step++)
        {
            using var x = Vectors(step, Batch);
            otherTrainer.Step(x);
            trainer.Step(x);
            if (otherTrainer.WantsResampling) otherTrainer.Resample(x);
            Resample(trainer, step);
        }

        Assert.Equal(alone, Flat(trainer));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Resume_EndsInTheSameBits(int interruptedAfter)
    {
        var whole = Train(GradientPath.Measured, threads: 0, from: 0, to: 8);
        using var folder = new TemporaryFolder();
        Train(GradientPath.Measured, threads: 0, from: 0, to: interruptedAfter, checkpoint: folder.Path);
        using var trainer = DictionaryTrainer.Resume(folder.Path);
        using var dictionary = trainer.Dictionary;
        Assert.Equal(interruptedAfter, trainer.StepIndex);
        for (var step = interruptedAfter; step < 8; step++) TakeStep(trainer, step);
        Assert.Equal(whole, Flat(trainer));
    }

    [Fact]
    public void Resume_KeepsWhatWasNotYetRead()
    {
        using var dictionary = Probe.Dictionary(Definition(), Dim);
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
        using var dictionary = Probe.Dictionary(Definition(), Dim);
        using var folder = new TemporaryFolder();
        dictionary.Save(folder.Path);
        var error = Assert.Throws<InvalidDataException>(() => DictionaryTrainer.Resume(folder.Path));
        Assert.Contains("trainer.safetensors", error.Message, StringComparison.Ordinal);
    }

    private static DictionaryDefinition Definition() => Probe.Definition(130, Batch, steps: 8) with
    {
        WarmupSteps = 3,
        L1WarmupSteps = 5,
        DecayFraction = 0.5,
        LearningRate = 0.02,
        Resampling = new() { EverySteps = 4, DeadAfterSteps = 1, Times = 1, Candidates = 500 },
    };

    private static float[] Train(GradientPath path, int threads, int from, int to, string? checkpoint = null)
    {
        using var dictionary = Probe.Dictionary(Definition(), Dim, encoderBias: -0.8f);
        using var trainer = new DictionaryTrainer(dictionary, path, threads);
        for (var step = from; step < to; step++) TakeStep(trainer, step);
        if (checkpoint is not null) trainer.SaveCheckpoint(checkpoint);
        return Flat(trainer);
    }

    private static void TakeStep(DictionaryTrainer trainer, int step)
    {
        using var x = Vectors(step, Batch);
        trainer.Step(x);
        Resample(trainer, step);
    }

    private static void Resample(DictionaryTrainer trainer, int step)
    {
        if (!trainer.WantsResampling) return;
        using var candidates = Vectors(1000 + step, 500);
        trainer.Resample(candidates);
    }

    private static Tensor Vectors(int number, int count) => Probe.Gaussian((ulong)(50 + number), count, Dim);

    private static float[] Flat(DictionaryTrainer trainer) =>
        [.. Probe.CheckpointTensors(trainer).OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value)];
}
