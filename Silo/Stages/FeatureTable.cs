using Orchestrator.Abstractions.Results;
using Parquet.Serialization;

namespace Orchestrator.Silo.Stages;

/// <summary>Writes <c>features.parquet</c>: one row for each feature, columns as named in <see cref="FeatureRow"/>.</summary>
internal static class FeatureTable
{
    /// <summary>Blocks; for the device thread, which has no scheduler to deadlock.</summary>
    public static void Write(string path, IReadOnlyCollection<FeatureRow> rows)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        ParquetSerializer.SerializeAsync(rows, stream).GetAwaiter().GetResult();
    }
}
