using System.Runtime.Intrinsics;
using Orchestrator.Numerics.Dictionaries.Kernels;

namespace Orchestrator.Numerics.Metrics.Reconstruction;

/// <summary>
/// What the metrics of a reconstruction need of one token, in float64. It depends on the token's two vectors alone: on no
/// other token, no cut into batches, no number of threads, no width of the processor's registers.
/// </summary>
/// <remarks>Squares of float32 do not overflow here; a vector that is not finite makes all four NaN, so that none looks sound.</remarks>
/// <param name="Truth">‖x‖².</param>
/// <param name="Reconstruction">‖x̂‖².</param>
/// <param name="Product">x · x̂.</param>
/// <param name="Error">‖x − x̂‖².</param>
public readonly record struct TokenMoments(double Truth, double Reconstruction, double Product, double Error)
{
    private static readonly TokenMoments NotFinite = new(double.NaN, double.NaN, double.NaN, double.NaN);

    /// <param name="x">[length].</param>
    /// <param name="xHat">[length].</param>
    internal static unsafe TokenMoments Of(float* x, float* xHat, int length)
    {
        var (truth, reconstruction) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var (product, error) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var i = 0;
        for (; i <= length - WideLanes.Count; i += WideLanes.Count)
        {
            var (a, b) = (WideLanes.Load(x + i), WideLanes.Load(xHat + i));
            var difference = a - b;
            truth = Lanes.MultiplyAdd(a, a, truth);
            reconstruction = Lanes.MultiplyAdd(b, b, reconstruction);
            product = Lanes.MultiplyAdd(a, b, product);
            error = Lanes.MultiplyAdd(difference, difference, error);
        }

        var (xx, yy, xy, ee) = (Vector512.Sum(truth), Vector512.Sum(reconstruction), Vector512.Sum(product), Vector512.Sum(error));
        for (; i < length; i++)
        {
            double a = x[i], b = xHat[i];
            xx = double.FusedMultiplyAdd(a, a, xx);
            yy = double.FusedMultiplyAdd(b, b, yy);
            xy = double.FusedMultiplyAdd(a, b, xy);
            ee = double.FusedMultiplyAdd(a - b, a - b, ee);
        }

        return double.IsFinite(xx + yy) ? new TokenMoments(xx, yy, xy, ee) : NotFinite;
    }
}
