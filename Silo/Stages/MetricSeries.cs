using System.Text.Json;
using Orchestrator.Abstractions.Results;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Silo.Stages;

/// <summary>
/// The metrics of a training, at steps that depend on nothing but its length. They travel in its checkpoints and end in
/// its artefact: an attempt that goes on from a checkpoint goes on from the lines of that step, so that no line is missing
/// or there twice, and what a lost attempt measured after its checkpoint is forgotten with it.
/// </summary>
internal sealed class MetricSeries
{
    public const string FileName = "metrics.jsonl";

    private const int LeastBetween = 10;
    private const int MostRows = 500;

    private static readonly JsonSerializerOptions Json = new(ResultJson.Options) { WriteIndented = false };

    private readonly List<MetricRow> _rows;
    private readonly long _every;

    private MetricSeries(long steps, List<MetricRow> rows)
    {
        Steps = steps;
        _every = Every(steps);
        _rows = rows;
    }

    /// <summary>Steps of the whole training.</summary>
    public long Steps { get; }

    /// <summary>The newest row; null before the first.</summary>
    public MetricRow? Last => _rows.Count > 0 ? _rows[^1] : null;

    /// <summary>As a checkpoint left it, or empty.</summary>
    /// <exception cref="InvalidDataException">The checkpoint's lines are not such a series.</exception>
    public static MetricSeries Open(long steps, CheckpointRef? checkpoint)
    {
        var path = checkpoint is null ? null : Path.Combine(checkpoint.Folder, FileName);
        if (path is null || !File.Exists(path)) // a checkpoint of before there were series
            return new MetricSeries(steps, []);

        try
        {
            return new MetricSeries(steps, [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<MetricRow>(line, Json)!)]);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path} holds no series of metrics: {exception.Message}", exception);
        }
    }

    /// <summary>Steps between two rows: at least 10, and so many that there are at most 500 rows.</summary>
    public static long Every(long steps) => Math.Max(LeastBetween, (steps + MostRows - 1) / MostRows);

    /// <summary>Whether a step has a row: every so often, and the last.</summary>
    public bool IsDue(long step) => step % _every == 0 || step == Steps;

    public void Add(MetricRow row) => _rows.Add(row);

    /// <summary>Writes <see cref="FileName"/> into a folder.</summary>
    public void Write(string folder) =>
        File.WriteAllLines(Path.Combine(folder, FileName), _rows.Select(row => JsonSerializer.Serialize(row, Json)));
}
