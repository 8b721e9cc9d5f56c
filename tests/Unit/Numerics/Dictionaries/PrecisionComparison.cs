using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Training;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>
/// Gradients of a half-trained dictionary of 4,096 features over 512 dimensions, about 32 of them active, with the encoder's
/// product in a lower precision, beside those without. Inputs mix 32 of the directions that it is learning.
/// </summary>
internal static class PrecisionComparison
{
    private const int Dim = 512;
    private const int Features = 4_096;
    private const int ActivePerToken = 32;
    private const int Batch = 256;
    private const double L1Coefficient = 0.01;

    // Between what the interference of other directions makes of an inactive feature and of an active one, where no k decides.
    private const double EncoderBias = -0.82;

    /// <summary>float32 less all but the 10 leading bits of mantissa, to the nearest, as a tensor core of NVIDIA's takes its factors.</summary>
    public static Tensor RoundToTensorFloat32(Tensor values)
    {
        using var scope = NewDisposeScope();
        var rounded = Array.ConvertAll(values.to(ScalarType.Float32).contiguous().data<float>().ToArray(), RoundToTensorFloat32);
        return scope.MoveToOuter(tensor(rounded).reshape(values.shape).to(values.dtype));
    }

    /// <summary>Of trainers: one step in the precision, and one in float32.</summary>
    public static (IReadOnlyList<GradientComparison> Parameters, TrainingMetrics Found, TrainingMetrics Expected) OfTrainers(string architecture, MatrixPrecision precision)
    {
        using var scope = NewDisposeScope();
        var (found, metrics) = FirstStep(Definition(architecture) with { Precision = precision });
        var (expected, expectedMetrics) = FirstStep(Definition(architecture));
        return (Compare(expected, found), metrics, expectedMetrics);
    }

    /// <summary>Of automatic differentiation in float64: with a product of rounded factors, and with an exact one.</summary>
    /// <param name="round">Of the factors.</param>
    /// <param name="roundProduct">Of the product; null: as it is.</param>
    public static IReadOnlyList<GradientComparison> OfRounding(string architecture, Func<Tensor, Tensor> round, Func<Tensor, Tensor>? roundProduct = null)
    {
        using var scope = NewDisposeScope();
        using var dictionary = Arranged(Definition(architecture));
        var x = Inputs();
        Dictionary<string, Tensor> Gradients(Func<Tensor, Tensor, Tensor>? product) =>
            AutogradLoss.Of(dictionary, x, x, L1Coefficient, new bool[Features], product).Gradients;
        Tensor Rounded(Tensor rows, Tensor weight)
        {
            var product = round(rows.detach()).mm(round(weight.detach()));
            return roundProduct is null ? product : roundProduct(product);
        }

        return Compare(Gradients(null), Gradients(Rounded));
    }

    private static float RoundToTensorFloat32(float value)
    {
        const int Dropped = 13;
        var bits = BitConverter.SingleToUInt32Bits(value);
        // Half of the last place that stays, less one unless that place is odd: halves go to the even neighbour.
        var rounded = bits + ((1u << (Dropped - 1)) - 1) + ((bits >> Dropped) & 1);
        return BitConverter.UInt32BitsToSingle(rounded & ~((1u << Dropped) - 1));
    }

    private static IReadOnlyList<GradientComparison> Compare(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found) =>
        [.. expected.Select(entry => GradientComparison.Compare(entry.Key, entry.Value, found[entry.Key], 1))];

    private static (Dictionary<string, Tensor> Gradients, TrainingMetrics Metrics) FirstStep(DictionaryDefinition definition)
    {
        using var dictionary = Arranged(definition);
        using var trainer = new DictionaryTrainer(dictionary);
        using var x = Inputs();
        trainer.Step(x);
        // The first moments, begun at 0, hold a tenth of the gradients.
        var gradients = GradientComparison.Moments(trainer).ToDictionary(entry => entry.Key, entry => entry.Value / (1 - 0.9));
        return (gradients, trainer.ReadMetrics());
    }

    private static DictionaryDefinition Definition(string architecture)
    {
        var definition = Probe.Definition(Features, Batch, steps: 1, L1Coefficient) with { Architecture = architecture };
        return architecture == "standard" ? definition : definition with { L1Coefficient = null, K = ActivePerToken };
    }

    private static Tensor Directions()
    {
        var directions = Probe.Gaussian(1, Features, Dim);
        return directions / directions.norm(1, keepdim: true);
    }

    /// <returns>[B, D].</returns>
    private static Tensor Inputs()
    {
        using var scope = NewDisposeScope();
        var active = Probe.Gaussian(2, Batch, Features).topk(ActivePerToken, dim: 1).indexes;
        var strengths = Probe.Gaussian(3, Batch, ActivePerToken).abs().add_(0.5);
        return scope.MoveToOuter(zeros(Batch, Features).scatter(1, active, strengths).mm(Directions()));
    }

    private static SparseDictionary Arranged(DictionaryDefinition definition)
    {
        var dictionary = new SparseDictionary(definition, Probe.Site(definition, Dim));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var learned = Directions() + Probe.Gaussian(4, Features, Dim).mul_(0.3 / Math.Sqrt(Dim));
        dictionary.DecoderWeight.copy_(learned / learned.norm(1, keepdim: true));
        dictionary.EncoderWeight.copy_(dictionary.DecoderWeight * 0.8);
        dictionary.EncoderBias.fill_(definition.K is null ? EncoderBias : 0);
        dictionary.DecoderBias.copy_(Probe.Gaussian(5, Dim).mul_(0.02));
        return dictionary;
    }
}
