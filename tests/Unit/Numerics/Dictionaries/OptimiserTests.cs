using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

public sealed class OptimiserTests
{
    private const int Dim = 40;
    private const int Features = 90;
    private const int Batch = 64;

    [Theory]
    [InlineData(GradientPath.Dense)]
    [InlineData(GradientPath.Sparse)]
    [InlineData(GradientPath.SparseTensors)]
    public void Steps_FollowTorchsAdam(GradientPath path)
    {
        const int Steps = 12;
        var definition = Probe.Definition(Features, Batch, Steps, l1: 0.02) with { LearningRate = 3e-3 };
        using var dictionary = Probe.Dictionary(definition, Dim);
        var expected = Reference(dictionary, Steps, 0.02, 3e-3);
        using var trainer = new DictionaryTrainer(dictionary, path);
        for (var step = 0; step < Steps; step++)
        {
            using var x = Probe.Gaussian((ulong)(200 + step), Batch, Dim);
            trainer.Step(x);
        }

        var actual = Probe.Weights(dictionary);
        for (var i = 0; i < actual.Length; i++)
            for (var at = 0; at < actual[i].Length; at++) Assert.Equal(expected[i][at], actual[i][at], 2e-4f);
    }

    [Theory]
    [InlineData(GradientPath.Dense)]
    [InlineData(GradientPath.Sparse)]
    [InlineData(GradientPath.SparseTensors)]
    public void Step_LeavesDecoderRowsOfUnitNorm(GradientPath path)
    {
        var definition = Probe.Definition(Features, Batch, steps: 4) with { LearningRate = 0.1 };
        using var dictionary = Probe.Dictionary(definition, Dim);
        using var trainer = new DictionaryTrainer(dictionary, path);
        for (var step = 0; step < 4; step++)
        {
            using var x = Probe.Gaussian((ulong)step, Batch, Dim);
            trainer.Step(x);
            var decoder = Probe.Weights(dictionary)[1];
            foreach (var row in decoder.Chunk(Dim)) Assert.Equal(1, Math.Sqrt(row.Sum(value => (double)value * value)), 1e-5);
        }
    }

    [Theory]
    [InlineData(GradientPath.Dense)]
    [InlineData(GradientPath.Sparse)]
    [InlineData(GradientPath.SparseTensors)]
    public void Step_OnInfiniteInput_SaysThatItDiverged(GradientPath path)
    {
        using var dictionary = Probe.Dictionary(Probe.Definition(Features, Batch, steps: 1), Dim);
        using var trainer = new DictionaryTrainer(dictionary, path);
        using var x = Probe.Gaussian(1, Batch, Dim);
        x.fill_(float.PositiveInfinity);
        Assert.Throws<DivergedException>(() => trainer.Step(x));
    }

    [Fact]
    public void Step_RefusesBatchesThatDoNotFit()
    {
        using var dictionary = Probe.Dictionary(Probe.Definition(Features, Batch, steps: 1), Dim);
        using var trainer = new DictionaryTrainer(dictionary);
        using var narrow = zeros(Batch, Dim - 1);
        using var large = zeros(Batch + 1, Dim);
        using var right = zeros(Batch, Dim);
        Assert.Throws<ArgumentException>(() => trainer.Step(narrow));
        Assert.Throws<ArgumentException>(() => trainer.Step(large));
        trainer.Step(right);
        Assert.Throws<InvalidOperationException>(() => trainer.Step(right));
    }

    [Fact]
    public void Initialise_PutsThePreBiasOnTheGeometricMedian()
    {
        using var dictionary = Probe.Dictionary(Probe.Definition(Features, Batch, steps: 1), 2);
        using var trainer = new DictionaryTrainer(dictionary);
        // An outlier moves the mean far away; of these five the median is the point in the middle of the cross.
        using var sample = tensor(new float[,] { { 5, 5 }, { 4, 5 }, { 6, 5 }, { 5, 4 }, { 5, 600 } });
        trainer.Initialise(sample);
        var bias = Probe.Weights(dictionary)[3];
        Assert.Equal(5, bias[0], 1e-3f);
        Assert.Equal(5, bias[1], 1e-3f);
    }

    [Theory]
    [InlineData(GradientPath.Dense)]
    [InlineData(GradientPath.Sparse)]
    public void Steps_LeaveNoTensorsBehind(GradientPath path)
    {
        const int Large = 512;
        using var dictionary = Probe.Dictionary(Probe.Definition(Large, Large, steps: 60), Dim);
        using var trainer = new DictionaryTrainer(dictionary, path);
        using var x = Probe.Gaussian(1, Large, Dim);
        for (var step = 0; step < 10; step++) trainer.Step(x);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 0; step < 50; step++) trainer.Step(x);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        // Wrappers of views and the loops' bookkeeping; the smallest buffer of a step would be 80 KB.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - allocatedBefore) / 50, 0, 40_000);
    }

    private static float[][] Reference(SparseDictionary dictionary, int steps, double l1, double rate)
    {
        using var scope = NewDisposeScope();
        var encoder = new Parameter(dictionary.EncoderWeight.clone());
        var decoder = new Parameter(dictionary.DecoderWeight.clone());
        var encoderBias = new Parameter(dictionary.EncoderBias.clone());
        var decoderBias = new Parameter(dictionary.DecoderBias.clone());
        var adam = optim.Adam([encoder, decoder, encoderBias, decoderBias], rate);
        for (var step = 0; step < steps; step++)
        {
            var x = Probe.Gaussian((ulong)(200 + step), Batch, Dim);
            adam.zero_grad();
            var f = nn.functional.relu((x - decoderBias).mm(encoder.t()) + encoderBias);
            var loss = (f.mm(decoder) + decoderBias - x).square().mean() + (f.sum(dim: 1L).mean() * l1);
            loss.backward();
            using var noGradient = no_grad();
            decoder.grad!.sub_((decoder.grad! * decoder).sum(dim: 1L, keepdim: true) * decoder);
            adam.step();
            decoder.div_(decoder.norm(1, keepdim: true));
        }

        return [Singles(encoder), Singles(decoder), Singles(encoderBias), Singles(decoderBias)];
    }

    private static float[] Singles(Tensor parameter) => HostMemory.ToSingles(parameter.detach());
}
