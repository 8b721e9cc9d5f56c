using Orchestrator.Abstractions.Analyses;
using Parquet;
using Parquet.Schema;

namespace Orchestrator.Silo.Plugins;

/// <summary>Writes an analysis' table as one Parquet file with one row group.</summary>
public static class ParquetTableWriter
{
    /// <summary>Writes the file, replacing one that is there. Blocks; call from a thread without a scheduler of its own.</summary>
    /// <exception cref="ArgumentException">The columns differ in length, repeat a name, or are of a type that tables do not have.</exception>
    public static void Write(string path, AnalysisTable table)
    {
        var fields = Fields(table);
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        WriteAsync(stream, table, fields).GetAwaiter().GetResult();
    }

    private static DataField[] Fields(AnalysisTable table)
    {
        if (table.Columns.Count == 0)
        {
            throw new ArgumentException("A table has at least one column.", nameof(table));
        }

        var rows = table.Columns[0].Values.Length;
        foreach (var column in table.Columns)
        {
            if (column.Values.Length != rows)
            {
                throw new ArgumentException($"Column {column.Name} has {column.Values.Length} rows, {table.Columns[0].Name} has {rows}.", nameof(table));
            }
        }

        return table.Columns.Select(static column => column.Name).Distinct(StringComparer.Ordinal).Count() == table.Columns.Count
            ? [.. table.Columns.Select(Field)]
            : throw new ArgumentException("Two columns have the same name.", nameof(table));
    }

    private static DataField Field(AnalysisColumn column) => column.Values switch
    {
        int[] => new DataField<int>(column.Name),
        long[] => new DataField<long>(column.Name),
        float[] => new DataField<float>(column.Name),
        double[] => new DataField<double>(column.Name),
        bool[] => new DataField<bool>(column.Name),
        string[] => new DataField<string>(column.Name),
        _ => throw new ArgumentException(
            $"Column {column.Name} is {column.Values.GetType().Name}; tables hold int, long, float, double, bool and string.", nameof(column)),
    };

    private static async Task WriteAsync(Stream stream, AnalysisTable table, DataField[] fields)
    {
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream).ConfigureAwait(false);
        using var group = writer.CreateRowGroup();
        for (var i = 0; i < fields.Length; i++)
        {
            var write = table.Columns[i].Values switch
            {
                int[] values => group.WriteAsync<int>(fields[i], values),
                long[] values => group.WriteAsync<long>(fields[i], values),
                float[] values => group.WriteAsync<float>(fields[i], values),
                double[] values => group.WriteAsync<double>(fields[i], values),
                bool[] values => group.WriteAsync<bool>(fields[i], values),
                var values => group.WriteAsync(fields[i], (string[])values),
            };
            await write.ConfigureAwait(false);
        }

        group.CompleteValidate();
    }
}
