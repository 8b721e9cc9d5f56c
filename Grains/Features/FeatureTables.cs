using System.Data.Common;
using DuckDB.NET.Data;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Features;

namespace Orchestrator.Grains.Features;

/// <summary>
/// Queries the Parquet tables of a dictionary and of its analyses with DuckDB. Blocks on the disk: never on a grain's turn.
/// Memory is bounded, because many may ask at a time and the control silo is small.
/// </summary>
internal static class FeatureTables
{
    public const string Features = "features.parquet";
    public const string Contexts = "contexts.parquet";
    public const string ClosestNeurons = "closest-neurons.parquet";

    private const string Connection = "DataSource=:memory:;memory_limit=256MB;threads=2";

    private const string Columns =
        "feature, density, max_activation, mean_activation, encoder_bias, encoder_decoder_cosine, dead, ultralow_density, "
        + "top_tokens, positive_logit_tokens, positive_logits, negative_logit_tokens, negative_logits";

    /// <summary>A page of a feature table; a sort column that it has not is named in the page's error.</summary>
    public static FeaturePage Page(DictionaryId dictionary, string table, FeatureQuery query)
    {
        using var connection = Open();
        var sortable = SortableColumns(connection, table);
        if (!sortable.Contains(query.Sort))
        {
            return new FeaturePage(
                dictionary, 0, [], $"there is no column '{query.Sort}' to sort by; there are {string.Join(", ", sortable)}");
        }

        var filter = query.IncludeDead ? "" : "WHERE NOT dead";
        var direction = query.Descending ? "DESC" : "ASC";
        var total = Read(connection, $"SELECT count(*) FROM read_parquet($table) {filter}", [("table", table)], row => row.GetInt64(0))[0];
        // The column is one of the table's own, so that it cannot be anything else than a name. Equal values: by index.
        var features = Read(
            connection,
            $"""
            SELECT {Columns} FROM read_parquet($table) {filter}
            ORDER BY "{query.Sort}" {direction} NULLS LAST, feature LIMIT $limit OFFSET $offset
            """,
            [("table", table), ("limit", Math.Clamp(query.Limit, 0, 1_000)), ("offset", Math.Max(query.Offset, 0))],
            ReadStatistics);
        return new FeaturePage(dictionary, (int)total, features, null);
    }

    /// <summary>One feature's row; null where the table has none.</summary>
    public static FeatureStatistics? Find(string table, int feature)
    {
        using var connection = Open();
        return Read(
            connection,
            $"SELECT {Columns} FROM read_parquet($table) WHERE feature = $feature",
            [("table", table), ("feature", feature)],
            ReadStatistics).FirstOrDefault();
    }

    /// <summary>A feature's contexts, by interval, strongest first.</summary>
    public static IReadOnlyList<FeatureContext> ContextsOf(string table, int feature)
    {
        using var connection = Open();
        return Read(
            connection,
            """
            SELECT "interval", activation, document, "position", "before", token, "after" FROM read_parquet($table)
            WHERE feature = $feature ORDER BY "interval", activation DESC, "position"
            """,
            [("table", table), ("feature", feature)],
            row => new FeatureContext(
                Convert.ToInt32(row.GetValue(0)),
                Convert.ToDouble(row.GetValue(1)),
                Convert.ToInt32(row.GetValue(2)),
                Convert.ToInt64(row.GetValue(3)),
                row.GetString(4),
                row.GetString(5),
                row.GetString(6)));
    }

    /// <summary>The neuron whose activation correlates most with a feature's; null where the table has none.</summary>
    public static (int Neuron, double Correlation)? ClosestNeuron(string table, int feature)
    {
        using var connection = Open();
        var rows = Read(
            connection,
            "SELECT neuron, correlation FROM read_parquet($table) WHERE feature = $feature ORDER BY abs(correlation) DESC LIMIT 1",
            [("table", table), ("feature", feature)],
            row => (Convert.ToInt32(row.GetValue(0)), Convert.ToDouble(row.GetValue(1))));
        return rows.Count > 0 ? rows[0] : null;
    }

    private static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection(Connection);
        connection.Open();
        return connection;
    }

    private static List<string> SortableColumns(DuckDBConnection connection, string table) =>
        [.. Read(
            connection,
            "DESCRIBE SELECT * FROM read_parquet($table)",
            [("table", table)],
            row => (Name: row.GetString(0), Type: row.GetString(1)))
            .Where(column => !column.Type.EndsWith("[]", StringComparison.Ordinal))
            .Select(column => column.Name)];

    private static List<T> Read<T>(
        DuckDBConnection connection, string sql, IReadOnlyList<(string Name, object Value)> parameters, Func<DbDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.Add(new DuckDBParameter(name, value));

        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));

        return rows;
    }

    private static FeatureStatistics ReadStatistics(DbDataReader row) => new(
        Convert.ToInt32(row.GetValue(0)),
        Convert.ToDouble(row.GetValue(1)),
        Convert.ToDouble(row.GetValue(2)),
        Convert.ToDouble(row.GetValue(3)),
        Convert.ToDouble(row.GetValue(4)),
        Convert.ToDouble(row.GetValue(5)),
        row.GetBoolean(6),
        row.GetBoolean(7),
        row.GetFieldValue<List<string>>(8),
        Weights(row, 9),
        Weights(row, 11));

    private static List<TokenWeight> Weights(DbDataReader row, int column) =>
        [.. row.GetFieldValue<List<string>>(column).Zip(
            row.GetFieldValue<List<float>>(column + 1), (token, weight) => new TokenWeight(token, weight))];
}
