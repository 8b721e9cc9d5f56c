using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

public sealed class GradientTests
{
    private const int Dim = 40;
    private const int Features = 150;
    private const int Batch = 70;
    private const double L1 = 0.01;
    private static readonly string[] Points = ["random", "none-active", "all-active", "zero-input", "batch-of-one"];

    public static TheoryData<GradientPath, string> Cases()
    {
        var cases = new TheoryData<GradientPath, string>();
        foreach (var path in new[] { GradientPath.Dense, GradientPath.Sparse, GradientPath.SparseTensors })
            foreach (var point in Points) cases.Add(path, point);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_HasTheGradientsOfAutograd(GradientPath path, string point)
    {
        var definition = Probe.Definition(Features, Batch, steps: 3, L1);
        using var dictionary = Probe.Dictionary(definition, Dim, Bias(point));
        using var x = Input(point);
        var expected = Autograd(dictionary, x);
        using var trainer = new DictionaryTrainer(dictionary, path);
        trainer.Step(x);
        var actual = Probe.FirstGradients(trainer);
        for (var i = 0; i < actual.Length; i++) RequireClose(expected[i], actual[i]);
    }

    [Theory]
    [InlineData(GradientPath.Dense)]
    [InlineData(GradientPath.Sparse)]
    [InlineData(GradientPath.SparseTensors)]
    public void Step_HasTheGradientsOfFiniteDifferences(GradientPath path)
    {
        var definition = Probe.Definition(Features, Batch, steps: 3, L1);
        using var dictionary = Probe.Dictionary(definition, Dim);
        using var x = Input("random");
        var weights = Probe.Weights(dictionary);
        var inputs = HostMemory.ToSingles(x);
        using var trainer = new DictionaryTrainer(dictionary, path);
        trainer.Step(x);
        var gradients = Probe.FirstGradients(trainer);
        var random = new SeededRandom(11);
        // The decoder's gradient is compared without its component along the row, so a step in a row stays on its tangent.
        foreach (var block in new[] { 0, 2, 3 })
        {
            var expected = new float[20];
            var actual = new float[20];
            for (var i = 0; i < expected.Length; i++)
            {
                var at = random.NextInt(weights[block].Length);
                expected[i] = (float)Difference(weights, inputs, block, at);
                actual[i] = gradients[block][at];
            }

            RequireClose(expected, actual);
        }
    }

    [Fact]
    public void MeasuredPath_TakesTheSparsePathWhenFewAreActive_AndTheDenseOneOtherwise()
    {
        foreach (var (bias, path) in new[] { (-1.2f, GradientPath.Sparse), (0.5f, GradientPath.Dense) })
        {
            var chosen = AfterSteps(GradientPath.Measured, bias);
            Assert.Equal(AfterSteps(path, bias), chosen);
        }
    }

    [Fact]
    public void DenseAndSparsePath_StayTogetherOverManySteps()
    {
        var dense = AfterSteps(GradientPath.Dense, 0.05f);
        var sparse = AfterSteps(GradientPath.Sparse, 0.05f);
        var tensors = AfterSteps(GradientPath.SparseTensors, 0.05f);
        for (var i = 0; i < dense.Length; i++)
        {
            Assert.Equal(dense[i], sparse[i], 2e-4f);
            Assert.Equal(dense[i], tensors[i], 2e-4f);
        }
    }

    private static float[] AfterSteps(GradientPath path, float encoderBias)
    {
        var definition = Probe.Definition(Features, 600, steps: 5, L1);
        using var dictionary = Probe.Dictionary(definition, Dim, encoderBias);
        using var trainer = new DictionaryTrainer(dictionary, path);
        for (var step = 0; step < 5; step++)
        {
            using var x = Probe.Gaussian((ulong)(100 + step), 600, Dim);
            trainer.Step(x);
        }

        return Probe.Weights(dictionary)[1];
    }

    private static float Bias(string point) => point switch { "none-active" => -100, "all-active" => 100, _ => 0.05f };

    private static Tensor Input(string point)
    {
        if (point == "zero-input") return zeros(Batch, Dim);
        return Probe.Gaussian(5, point == "batch-of-one" ? 1 : Batch, Dim);
    }

    private static float[][] Autograd(SparseDictionary dictionary, Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor[] parameters = [dictionary.EncoderWeight, dictionary.DecoderWeight, dictionary.EncoderBias, dictionary.DecoderBias];
        var leaves = Array.ConvertAll(parameters, parameter => parameter.detach().clone().to(ScalarType.Float64).requires_grad_());
        var (encoder, decoder, encoderBias, decoderBias) = (leaves[0], leaves[1], leaves[2], leaves[3]);
        var input = x.to(ScalarType.Float64);
        var f = nn.functional.relu((input - decoderBias).mm(encoder.t()) + encoderBias);
        var error = f.mm(decoder) + decoderBias - input;
        var loss = error.square().mean() + (f.sum(dim: 1L).mean() * L1);
        loss.backward();
        using var noGradient = no_grad();
        var along = (decoder.grad! * decoder).sum(dim: 1L, keepdim: true);
        decoder.grad!.sub_(along * decoder);
        return Array.ConvertAll(leaves, leaf => HostMemory.ToSingles(leaf.grad!.to(ScalarType.Float32)));
    }

    private static double Difference(float[][] weights, float[] inputs, int block, int at)
    {
        const double Delta = 1e-6;
        var doubles = Array.ConvertAll(weights, values => Array.ConvertAll(values, value => (double)value));
        doubles[block][at] += Delta;
        var above = Loss(doubles, inputs);
        doubles[block][at] -= 2 * Delta;
        return (above - Loss(doubles, inputs)) / (2 * Delta);
    }

    /// <summary>The paper's loss, number by number.</summary>
    private static double Loss(double[][] weights, float[] inputs)
    {
        double loss = 0;
        var rows = inputs.Length / Dim;
        for (var row = 0; row < rows; row++)
        {
            var reconstruction = (double[])weights[3].Clone();
            for (var feature = 0; feature < Features; feature++)
            {
                var activation = weights[2][feature];
                for (var i = 0; i < Dim; i++)
                    activation += (inputs[(row * Dim) + i] - weights[3][i]) * weights[0][(feature * Dim) + i];
                if (activation <= 0) continue;
                loss += L1 * activation / rows;
                for (var i = 0; i < Dim; i++) reconstruction[i] += activation * weights[1][(feature * Dim) + i];
            }

            for (var i = 0; i < Dim; i++) loss += Math.Pow(reconstruction[i] - inputs[(row * Dim) + i], 2) / Dim / rows;
        }

        return loss;
    }

    private static void RequireClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double dot = 0, squareExpected = 0, squareActual = 0, squareDifference = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            dot += (double)expected[i] * actual[i];
            squareExpected += (double)expected[i] * expected[i];
            squareActual += (double)actual[i] * actual[i];
            squareDifference += Math.Pow(expected[i] - actual[i], 2);
        }

        if (squareExpected == 0)
        {
            Assert.Equal(0, squareActual);
            return;
        }

        Assert.True(dot / Math.Sqrt(squareExpected * squareActual) > 0.99999, $"cosine {dot / Math.Sqrt(squareExpected * squareActual)}");
        Assert.True(Math.Sqrt(squareDifference / squareExpected) < 1e-4, $"relative error {Math.Sqrt(squareDifference / squareExpected)}");
    }
}
