using System.Globalization;
using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Reports;

/// <summary>How numbers are written in the report: invariant, grouped by commas, four digits that matter.</summary>
internal static class Figures
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Loss(double nats) => Fixed(nats, "F3");

    public static string Share(double value) => Fixed(value, "F3");

    /// <summary>Only where the activation matters to the loss: elsewhere the ratio is of two noises.</summary>
    public static string LossRecovered(DictionarySummary dictionary) =>
        HasLossToRecover(dictionary) ? Share(dictionary.LossRecovered) : "–";

    /// <summary>Whether the model is worse without its activation; a random twin often is not.</summary>
    public static bool HasLossToRecover(DictionarySummary dictionary) =>
        double.IsFinite(dictionary.LossRecovered) && dictionary.LossZero > dictionary.LossOriginal;

    public static string L0(double value) => Fixed(value, "F1");

    /// <summary>Of a version of the metrics that has it; – where it was not measured or is undefined.</summary>
    public static string Measured(double? value, string format) =>
        value is { } number && !double.IsNaN(number) ? Fixed(number, format) : "–";

    public static string Rate(double perSecond) => perSecond > 0 ? Fixed(perSecond, "N0") : "–";

    /// <summary>A number of unknown size.</summary>
    public static string Any(double value)
    {
        if (!double.IsFinite(value))
        {
            return value.ToString(CultureInfo.InvariantCulture);
        }

        var size = Math.Abs(value);
        return value == Math.Truncate(value) && size < 1e12 ? value.ToString("N0", CultureInfo.InvariantCulture)
            : size is >= 1e-3 and < 1e6 ? value.ToString(size >= 100 ? "N1" : "0.####", CultureInfo.InvariantCulture)
            : value.ToString("0.###e+0", CultureInfo.InvariantCulture);
    }

    /// <summary>A number of unknown size for prose: two decimals where these say something.</summary>
    public static string Brief(double value) => Any(Math.Abs(value) >= 0.1 ? Math.Round(value, 2) : value);

    public static string Duration(double seconds) => seconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(long)seconds / 60} min {(long)seconds % 60} s");

    private static string Fixed(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "not finite";
}
