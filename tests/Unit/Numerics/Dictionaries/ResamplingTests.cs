using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

public sealed class ResamplingTests
{
    private const int Dim = 16;
    private const int Features = 12;
    private const int Batch = 64;
    private static readonly int[] DeadOnes = [2, 5, 9];

    [Fact]
    public void WantsResampling_AtTheStatedStepsAndNoOthers()
    {
        var definition = Probe.Definition(Features, Batch, steps: 10) with { Resampling = new() { EverySteps = 3, DeadAfterSteps = 1, Times = 2 } };
        using var dictionary = Probe.Dictionary(definition, Dim);
        using var trainer = new DictionaryTrainer(dictionary);
        using var x = Probe.Gaussian(1, Batch, Dim);
        var wanted = new List<long>();
        for (var step = 1; step <= 10; step++)
        {
            trainer.Step(x);
            if (!trainer.WantsResampling) continue;
            wanted.Add(trainer.StepIndex);
            trainer.Resample(x);
            Assert.False(trainer.WantsResampling);
        }

        Assert.Equal([3, 6], wanted);
    }

    [Fact]
    public void Resample_ChangesExactlyTheDeadFeatures_AsThePaperSays()
    {
        using var dictionary = WithDeadFeatures();
        using var trainer = Trained(dictionary);
        using var candidates = Probe.Gaussian(77, 300, Dim);
        var before = Probe.CheckpointTensors(trainer);
        var expectedNorm = 0.2 * Rows(Probe.Weights(dictionary)[0]).Where((_, feature) => !DeadOnes.Contains(feature)).Average(Norm);
        Assert.Equal([2L, 5L, 9L], trainer.DeadFeatures());
        Assert.Equal(3, trainer.Resample(candidates));
        var after = Probe.CheckpointTensors(trainer);
        var inputs = Rows(HostMemory.ToSingles(candidates - dictionary.DecoderBias));
        for (var feature = 0; feature < Features; feature++)
        {
            var decoder = Rows(after["W_dec"])[feature];
            var encoder = Rows(Probe.Weights(dictionary)[0])[feature];
            if (!DeadOnes.Contains(feature))
            {
                Assert.Equal(Rows(before["W_dec"])[feature], decoder);
                Assert.Equal(Rows(before["adam.W_enc.first"])[feature], Rows(after["adam.W_enc.first"])[feature]);
                Assert.Equal(before["adam.b_enc.second"][feature], after["adam.b_enc.second"][feature]);
                continue;
            }

            Assert.Equal(1, Norm(decoder), 1e-5);
            Assert.Equal(expectedNorm, Norm(encoder), 1e-5);
            Assert.Equal(1, Cosine(encoder, decoder), 1e-5);
            Assert.Single(inputs, input => Cosine(input, decoder) > 0.99999);
            Assert.Equal(0, after["b_enc"][feature]);
            foreach (var moment in new[] { "adam.W_enc", "adam.W_dec" })
            {
                Assert.All(Rows(after[moment + ".first"])[feature], value => Assert.Equal(0, value));
                Assert.All(Rows(after[moment + ".second"])[feature], value => Assert.Equal(0, value));
            }

            Assert.Equal(0, after["adam.b_enc.first"][feature]);
            Assert.Equal(0, after["adam.b_enc.second"][feature]);
        }

        Assert.Equal(before["adam.b_dec.first"], after["adam.b_dec.first"]);
        Assert.Equal(before["b_dec"], after["b_dec"]);
        Assert.Empty(trainer.DeadFeatures());
    }

    [Fact]
    public void Resample_DrawsInProportionToTheSquaredLoss()
    {
        // Nothing is active, so that the loss of an input is its mean square: 1 for the first kind, 3 for the second.
        // Of single draws, 9 in 10 must be of the second kind.
        const int Trials = 600;
        var second = 0;
        for (var trial = 0; trial < Trials; trial++)
        {
            var definition = Probe.Definition(1, Batch, steps: 1) with
            {
                Seed = (ulong)trial,
                Resampling = new() { EverySteps = 1, DeadAfterSteps = 1, Times = 1 },
            };
            using var dictionary = new SparseDictionary(definition, Dim, "test");
            dictionary.EncoderBias.fill_(-1000);
            using var trainer = new DictionaryTrainer(dictionary);
            using var scope = NewDisposeScope();
            trainer.Step(zeros(Batch, Dim));
            var one = zeros(1, Dim);
            one[0, 0] = MathF.Sqrt(Dim);
            var three = zeros(1, Dim);
            three[0, 1] = MathF.Sqrt(3 * Dim);
            trainer.Resample(cat([one, three], 0));
            if (dictionary.Direction(0)[1] > 0.9f) second++;
        }

        // Six standard deviations around 540.
        Assert.InRange(second, 495, 585);
    }

    private static SparseDictionary WithDeadFeatures()
    {
        var definition = Probe.Definition(Features, Batch, steps: 10) with
        {
            Resampling = new() { EverySteps = 5, DeadAfterSteps = 2, Times = 1, Candidates = 300 },
        };
        var dictionary = Probe.Dictionary(definition, Dim);
        foreach (var feature in DeadOnes) dictionary.EncoderBias[feature] = -1000f;
        return dictionary;
    }

    private static DictionaryTrainer Trained(SparseDictionary dictionary)
    {
        var trainer = new DictionaryTrainer(dictionary);
        for (var step = 0; step < 5; step++)
        {
            using var x = Probe.Gaussian((ulong)step, Batch, Dim);
            trainer.Step(x);
        }

        return trainer;
    }

    private static float[][] Rows(float[] values) => [.. values.Chunk(Dim)];

    private static double Norm(float[] row) => Math.Sqrt(row.Sum(value => (double)value * value));

    private static double Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum() / (Norm(a) * Norm(b));
}
