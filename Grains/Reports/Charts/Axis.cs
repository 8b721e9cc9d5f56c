using System.Globalization;

namespace Orchestrator.Grains.Reports.Charts;

/// <summary>A linear or logarithmic axis from data to pixels.</summary>
internal sealed class Axis
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _start;
    private readonly double _end;
    private readonly bool _logarithmic;

    private Axis(double low, double high, double start, double end, bool logarithmic, IReadOnlyList<double> ticks)
    {
        (_low, _high, _start, _end, _logarithmic, Ticks) = (low, high, start, end, logarithmic, ticks);
    }

    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis over the data, widened to whole ticks.</summary>
    /// <param name="values">What it must hold; finite.</param>
    /// <param name="start">Pixel of its low end.</param>
    /// <param name="end">Pixel of its high end.</param>
    public static Axis Linear(IEnumerable<double> values, double start, double end)
    {
        var (low, high) = Range(values);
        var step = Step((high - low) / 5);
        (low, high) = (Math.Floor(low / step) * step, Math.Ceiling(high / step) * step);
        var ticks = Enumerable.Range(0, (int)Math.Round((high - low) / step) + 1).Select(i => low + (i * step)).ToList();
        return new Axis(low, high, start, end, logarithmic: false, ticks);
    }

    /// <summary>A logarithmic axis; values must be positive. Ticks at 1, 2 and 5 of each decade, closer ones for a short range.</summary>
    public static Axis Logarithmic(IEnumerable<double> values, double start, double end)
    {
        var (low, high) = Range(values);
        double[] mantissas = high / low < 4 ? [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9] : [1, 2, 5];
        var decades = Enumerable.Range((int)Math.Floor(Math.Log10(low)), (int)Math.Ceiling(Math.Log10(high / low)) + 3);
        var all = decades.SelectMany(decade => mantissas.Select(m => m * Math.Pow(10, decade))).ToList();
        var first = all.FindLastIndex(tick => tick <= low * 1.000001);
        var last = all.FindIndex(tick => tick >= high * 0.999999);
        return new Axis(all[first], all[last], start, end, logarithmic: true, all[first..(last + 1)]);
    }

    public double Pixel(double value)
    {
        var share = _logarithmic
            ? Math.Log(value / _low) / Math.Log(_high / _low)
            : (value - _low) / (_high - _low);
        return Math.Round(_start + (share * (_end - _start)), 1);
    }

    public static string Label(double tick) => tick.ToString("0.####", CultureInfo.InvariantCulture);

    private static (double Low, double High) Range(IEnumerable<double> values)
    {
        var list = values.ToList();
        var (low, high) = (list.Min(), list.Max());
        return high - low > 1e-9 ? (low, high) : low > 0 ? (low * 0.9, high * 1.1) : (low - 0.5, high + 0.5);
    }

    private static double Step(double rough)
    {
        var decade = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var mantissa = rough / decade;
        return decade * (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10);
    }
}
