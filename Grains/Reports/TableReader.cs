using System.Collections;
using System.Globalization;
using DuckDB.NET.Data;
using Orchestrator.Contracts.Features;

namespace Orchestrator.Grains.Reports;

/// <summary>Reads what a report shows of Parquet tables; every query is bounded.</summary>
internal sealed class TableReader : IDisposable
{
    private const int LongestCell = 160;
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public TableReader()
    {
        _connection.Open();

        // The control silo runs beside a device that wants the cores and the memory.
        using var command = _connection.CreateCommand();
        command.CommandText = "SET threads = 1; SET memory_limit = '256MB'";
        command.ExecuteNonQuery();
    }

    /// <summary>The first rows of a table, as text.</summary>
    public TablePreview Preview(string name, string path, int rows)
    {
        using var command = Command("SELECT * FROM read_parquet($path) LIMIT $limit", path, ("limit", rows));
        using var reader = command.ExecuteReader();
        var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
        var read = new List<IReadOnlyList<string>>();
        while (reader.Read())
        {
            read.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => Cell(reader.IsDBNull(i) ? null : reader.GetValue(i)))]);
        }

        return new TablePreview(name, columns, read, Count(path));
    }

    /// <summary>
    /// Features that repay a look: alive, not of ultralow density, strong against how often they fire (at their peak and on the
    /// mean: one high activation alone is an accident), and no two with the
    /// same strongest token; those that fire on fewer than one token in fifty come first.
    /// </summary>
    public IReadOnlyList<FeatureStatistics> Interesting(string featuresPath, string contextsPath, int count)
    {
        const string Sql = """
            SELECT feature, density, max_activation, mean_activation, encoder_bias, encoder_decoder_cosine, dead,
                   ultralow_density, top_tokens, positive_logit_tokens, positive_logits, negative_logit_tokens, negative_logits
            FROM read_parquet($path) AS f
            WHERE NOT dead AND NOT ultralow_density
              AND feature IN (SELECT DISTINCT feature FROM read_parquet($contexts))
            QUALIFY row_number() OVER (PARTITION BY coalesce(top_tokens[1], feature::VARCHAR)
                                       ORDER BY sqrt(max_activation * mean_activation) * -log10(density) DESC, feature) = 1
            ORDER BY density >= 0.02, sqrt(max_activation * mean_activation) * -log10(density) DESC, feature
            LIMIT $limit
            """;
        using var command = Command(Sql, featuresPath, ("contexts", contextsPath), ("limit", count));
        using var reader = command.ExecuteReader();
        var found = new List<FeatureStatistics>();
        while (reader.Read())
        {
            found.Add(Statistics(reader));
        }

        return found;
    }

    /// <summary>A feature's contexts, the strongest of each interval first.</summary>
    /// <param name="perInterval">Rows at most for an interval.</param>
    public IReadOnlyList<FeatureContext> Contexts(string path, int feature, int perInterval)
    {
        const string Sql = """
            SELECT interval, activation, document, position, before, token, after
            FROM read_parquet($path) WHERE feature = $feature
            QUALIFY row_number() OVER (PARTITION BY interval ORDER BY activation DESC, position) <= $limit
            ORDER BY interval, activation DESC, position
            """;
        using var command = Command(Sql, path, ("feature", feature), ("limit", perInterval));
        using var reader = command.ExecuteReader();
        var found = new List<FeatureContext>();
        while (reader.Read())
        {
            found.Add(new FeatureContext(
                Convert.ToInt32(reader.GetValue(0), CultureInfo.InvariantCulture),
                Number(reader.GetValue(1)),
                Convert.ToInt32(reader.GetValue(2), CultureInfo.InvariantCulture),
                Convert.ToInt64(reader.GetValue(3), CultureInfo.InvariantCulture),
                reader.GetString(4),
                reader.GetString(5),
                reader.GetString(6)));
        }

        return found;
    }

    /// <summary>The neuron closest to each feature of a table <c>closest-neurons</c> (feature, neuron, correlation).</summary>
    public (int Neuron, double Correlation)? ClosestNeuron(string path, int feature)
    {
        using var command = Command("SELECT neuron, correlation FROM read_parquet($path) WHERE feature = $feature LIMIT 1", path, ("feature", feature));
        using var reader = command.ExecuteReader();
        return reader.Read() ? (Convert.ToInt32(reader.GetValue(0), CultureInfo.InvariantCulture), Number(reader.GetValue(1))) : null;
    }

    public void Dispose() => _connection.Dispose();

    private static FeatureStatistics Statistics(DuckDBDataReader row) => new(
        Convert.ToInt32(row.GetValue(0), CultureInfo.InvariantCulture),
        Number(row.GetValue(1)),
        Number(row.GetValue(2)),
        Number(row.GetValue(3)),
        Number(row.GetValue(4)),
        Number(row.GetValue(5)),
        row.GetBoolean(6),
        row.GetBoolean(7),
        Texts(row.GetValue(8)),
        Weights(row.GetValue(9), row.GetValue(10)),
        Weights(row.GetValue(11), row.GetValue(12)));

    private static IReadOnlyList<TokenWeight> Weights(object tokens, object weights) =>
        [.. Texts(tokens).Zip(((IEnumerable)weights).Cast<object>().Select(Number), (token, weight) => new TokenWeight(token, weight))];

    private static IReadOnlyList<string> Texts(object list) => list is IEnumerable values and not string
        ? [.. values.Cast<object?>().Select(value => value?.ToString() ?? "")]
        : [];

    private static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static string Cell(object? value)
    {
        var text = value switch
        {
            null => "",
            double number => Figures.Any(number),
            float number => Figures.Any(number),
            string s => VisibleText.Line(s),
            IEnumerable list => string.Join(" ", list.Cast<object?>().Select(Cell)),
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };
        return text.Length <= LongestCell ? text : string.Concat(text.AsSpan(0, LongestCell - 1), "…");
    }

    private long Count(string path)
    {
        using var command = Command("SELECT count(*) FROM read_parquet($path)", path);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private DuckDBCommand Command(string sql, string path, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.Add(new DuckDBParameter("path", path));
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(new DuckDBParameter(name, value));
        }

        return command;
    }
}
