using System.Text.Json.Serialization;
using Orchestrator.Abstractions.Results;
using Parquet.Serialization;

namespace Orchestrator.Silo.Stages;

/// <summary>Writes and reads <c>features.parquet</c>: one row for each feature, columns as named in <see cref="FeatureRow"/>.</summary>
internal static class FeatureTable
{
    /// <summary>Blocks; for the device thread, which has no scheduler to deadlock.</summary>
    public static void Write(string path, IReadOnlyCollection<FeatureRow> rows)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        ParquetSerializer.SerializeAsync(rows, stream).GetAwaiter().GetResult();
    }

    /// <summary>Of each feature, the share of tokens on which it fires. Blocks too.</summary>
    public static IReadOnlyList<double> ReadDensities(string path)
    {
        using var stream = File.OpenRead(path);
        var rows = ParquetSerializer.DeserializeAsync<DensityColumns>(stream).GetAwaiter().GetResult().Data;
        return [.. rows.OrderBy(row => row.Feature).Select(row => row.Density)];
    }
}

/// <summary>The columns that <see cref="FeatureTable.ReadDensities"/> reads.</summary>
internal sealed record DensityColumns
{
    [JsonPropertyName("feature")]
    public int Feature { get; set; }

    [JsonPropertyName("density")]
    public double Density { get; set; }
}
