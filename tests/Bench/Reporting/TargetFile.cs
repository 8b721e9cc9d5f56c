using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Bench.Reporting;

/// <summary>All figures that something is asked of, one row each, in <c>targets.json</c>.</summary>
internal static class TargetFile
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Replaces the rows of the same names, and keeps all others.</summary>
    /// <param name="path">The file; made where there is none.</param>
    /// <param name="figures">What was measured.</param>
    /// <param name="command">What gives them again.</param>
    /// <exception cref="JsonException">The file is not a list of rows.</exception>
    public static void Merge(string path, IReadOnlyList<TargetFigure> figures, string command)
    {
        List<Row> rows = File.Exists(path) ? JsonSerializer.Deserialize<List<Row>>(File.ReadAllText(path), Format)! : [];
        foreach (var figure in figures)
        {
            var row = new Row(
                figure.Issue, figure.Name, figure.Target, Significant(figure.Measured), figure.Unit, figure.HigherIsBetter ? "higher" : "lower",
                Machine.Describe(), TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd"), command);
            var at = rows.FindIndex(other => other.Issue == row.Issue && other.Name == row.Name);
            if (at < 0) rows.Add(row);
            else rows[at] = row;
        }

        File.WriteAllText(path, JsonSerializer.Serialize(rows, Format) + "\n");
    }

    /// <summary>Four figures: more would not come again.</summary>
    private static double Significant(double value) =>
        double.IsFinite(value) ? double.Parse(value.ToString("G4", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture) : value;

    private sealed record Row(string Issue, string Name, double Target, double Measured, string Unit, string Better, string Machine, string Date, string Command);
}
