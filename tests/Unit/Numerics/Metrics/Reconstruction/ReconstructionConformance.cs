using Orchestrator.Numerics.Metrics.Reconstruction;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Reconstruction;

/// <summary>What every metric of a reconstruction keeps to.</summary>
public abstract class ReconstructionConformance<TMetric> : MetricConformance<TMetric>
    where TMetric : IReconstructionMetric
{
    /// <summary>A new one for vectors of another length.</summary>
    protected abstract TMetric Create(int dim);

    protected sealed override TMetric Create() => Create(MeasuredTokens.Dim);

    protected sealed override void Add(TMetric metric, MeasuredTokens tokens) => metric.Add(tokens.Reconstructed());

    protected sealed override double[] Read(TMetric metric) => [metric.Value];

    protected sealed override double[] Plain(MeasuredTokens tokens) => [Plain(tokens.X, tokens.XHat)];

    /// <summary>From the plain definition.</summary>
    protected abstract double Plain(double[][] x, double[][] xHat);

    /// <summary>Whatever it divides by, one element of one token makes it no number.</summary>
    protected sealed override void CheckNotFinite(double[] found) => Assert.Equal([double.NaN], found);

    /// <summary>The three rows of the docstrings.</summary>
    protected double OfTheExample() => Of(2, [2, 0, 0, 4, 1, 2], [2, 1, 0, 3, 1, 2]);

    protected double Of(int dim, float[] x, float[] xHat)
    {
        var metric = Create(dim);
        metric.Add(new ReconstructedTokens(x, xHat, dim));
        return metric.Value;
    }

    protected static double Dot(double[] a, double[] b) => a.Zip(b, (left, right) => left * right).Sum();

    protected static double SquaredDistance(double[] a, double[] b) => a.Zip(b, (left, right) => (left - right) * (left - right)).Sum();

    protected static double Length(double[] a) => Math.Sqrt(Dot(a, a));
}
