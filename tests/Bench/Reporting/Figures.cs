using System.Globalization;

namespace Orchestrator.Bench.Reporting;

/// <summary>Numbers as people read them: three figures, without a comma's or a culture's doubt.</summary>
internal static class Figures
{
    public static string Text(double value) => Math.Abs(value) switch
    {
        _ when !double.IsFinite(value) => value.ToString(CultureInfo.InvariantCulture),
        0 => "0",
        >= 1_000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("F2", CultureInfo.InvariantCulture),
        >= 0.01 => value.ToString("F3", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0e+0", CultureInfo.InvariantCulture),
    };

    public static string Bytes(long bytes) => FormattableString.Invariant($"{bytes / 1e6:F1} MB");
}
