using System.Globalization;

namespace Orchestrator.Client.Display;

/// <summary>How numbers are shown to people: invariant, in the digits that matter.</summary>
public static class Numbers
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Losses, shares and correlations; – where there is no number.</summary>
    public static string Fraction(double? value) => Fixed(value, "F3");

    /// <summary>– where there is no number.</summary>
    public static string L0(double? value) => Fixed(value, "F1");

    /// <summary>A number of unknown size, in four digits.</summary>
    public static string Any(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>Tokens a second.</summary>
    public static string Rate(double value) => value > 0 ? value.ToString("N0", CultureInfo.InvariantCulture) : "–";

    /// <summary><c>310 MB</c>, <c>1.25 GB</c>; – where there is no number.</summary>
    public static string Bytes(long? value) => value is not { } bytes ? "–"
        : bytes < 999.5e6 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:G3} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB");

    /// <summary><c>42 s</c>, <c>7:05</c>, <c>1:02:03</c>.</summary>
    public static string Duration(TimeSpan value) => value.TotalSeconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0} s")
        : value.ToString(value.TotalHours < 1 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);

    /// <summary>The same, with tenths of a second where there are few seconds.</summary>
    public static string ShortDuration(TimeSpan value) =>
        value.TotalSeconds < 9.95 ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0.0} s") : Duration(value);

    private static string Fixed(double? value, string format) =>
        value is { } number && !double.IsNaN(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "–";
}
