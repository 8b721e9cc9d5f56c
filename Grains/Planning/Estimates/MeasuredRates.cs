using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Planning.Estimates;

/// <summary>How long computations took on this store, by kind of computation and of device.</summary>
public sealed class MeasuredRates
{
    /// <summary>Artefacts that are read, the newest first: more would not make estimates better.</summary>
    private const int MostArtefacts = 2_000;

    private const string ResultFile = "result.json";

    private readonly Dictionary<(string Device, string Kind), List<Rate>> _rates = [];

    /// <summary>Nothing was measured.</summary>
    public static MeasuredRates None { get; } = new();

    /// <summary>The kinds of device on which something was measured.</summary>
    public IReadOnlyList<string> Devices => [.. _rates.Keys.Select(key => key.Device).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Learns from the artefacts of a store. What cannot be read is passed over: it says nothing about time.</summary>
    public static MeasuredRates Read(ArtefactStore store)
    {
        var rates = new MeasuredRates();
        if (!Directory.Exists(store.Layout.Artefacts))
        {
            return rates;
        }

        var definitions = new Dictionary<StageKey, StageDefinition?>();
        StageDefinition? Find(StageKey key) => definitions.TryGetValue(key, out var known) ? known : definitions[key] = DefinitionOf(store, key);
        var timed = new DirectoryInfo(store.Layout.Artefacts).EnumerateDirectories()
            .OrderByDescending(folder => folder.LastWriteTimeUtc)
            .Take(MostArtefacts)
            .Select(folder => (Key: new StageKey(folder.Name), Timing: Try(() => ResultJson.Read<StageTiming>(Path.Combine(folder.FullName, StageTiming.FileName)))))
            .Where(artefact => artefact.Timing is not null)
            .Select(artefact => (artefact.Key, Timing: artefact.Timing!, Definition: Find(artefact.Key)))
            .ToList();
        foreach (var (_, timing, definition) in timed.Where(artefact => artefact.Definition is not null and not DictionaryStage))
        {
            rates.Add(timing.Device, StageCost.Of(definition!, Find), timing.Seconds);
        }

        foreach (var job in timed.Where(artefact => artefact.Definition is DictionaryStage).GroupBy(artefact => artefact.Timing.Job))
        {
            rates.AddStream(store, [.. job.Select(artefact => (artefact.Key, artefact.Timing, (DictionaryStage)artefact.Definition!))], Find);
        }

        return rates;
    }

    /// <summary>How long a computation will take on a kind of device.</summary>
    /// <returns>Null where none of its kind was measured there.</returns>
    internal TimeEstimate? Estimate(string device, StageCost? cost)
    {
        if (cost is null || !_rates.TryGetValue((device, cost.Kind), out var measured))
        {
            return null;
        }

        var sizes = measured.GroupBy(rate => rate.Size).OrderBy(group => group.Key).Select(group => (Size: group.Key, Seconds: Median(group.Select(rate => rate.SecondsPerUnit)))).ToList();
        var same = sizes.FindIndex(rate => rate.Size == cost.Size);
        return same >= 0
            ? new TimeEstimate(TimeSpan.FromSeconds(Limited(sizes[same].Seconds * cost.Units)), IsScaled: false)
            : new TimeEstimate(TimeSpan.FromSeconds(Limited(Between(sizes, cost.Size) * cost.Units)), IsScaled: true);
    }

    private static double Limited(double seconds) => Math.Clamp(seconds, 1e-3, TimeSpan.FromDays(3_650).TotalSeconds);

    /// <summary>On the line through the two nearest measured sizes; of one size in proportion. Never less than in proportion to a larger size.</summary>
    private static double Between(List<(double Size, double Seconds)> sizes, double size)
    {
        if (sizes.Count == 1)
        {
            return sizes[0].Seconds * size / sizes[0].Size;
        }

        var above = Math.Clamp(sizes.FindIndex(rate => rate.Size > size), -1, sizes.Count - 1) switch { -1 => sizes.Count - 1, 0 => 1, var i => i };
        var (low, high) = (sizes[above - 1], sizes[above]);
        var line = low.Seconds + ((high.Seconds - low.Seconds) * (size - low.Size) / (high.Size - low.Size));
        return Math.Max(line, size < low.Size ? low.Seconds * size / low.Size : low.Seconds);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    private void Add(string device, StageCost? cost, double seconds)
    {
        if (cost is not { Size: > 0, Units: > 0 } || !(seconds > 0))
        {
            return;
        }

        if (!_rates.TryGetValue((device, cost.Kind), out var rates))
        {
            _rates[(device, cost.Kind)] = rates = [];
        }

        rates.Add(new Rate(cost.Size, seconds / cost.Units));
    }

    /// <summary>A dictionary's own steps were timed by themselves; what is left of the job's time is that of the stream.</summary>
    private void AddStream(ArtefactStore store, IReadOnlyList<(StageKey Key, StageTiming Timing, DictionaryStage Stage)> members, Func<StageKey, StageDefinition?> find)
    {
        var own = 0.0;
        foreach (var (key, timing, stage) in members)
        {
            if (Try(() => ResultJson.Read<DictionaryResult>(Path.Combine(store.Layout.Artefact(key), ResultFile))) is not { TokensPerSecond: > 0 } result)
            {
                return;
            }

            var seconds = stage.Dictionary.Tokens / result.TokensPerSecond;
            own += seconds;
            Add(timing.Device, StageCost.Of(stage, find), seconds);
        }

        // A stream of which a part is gone, or belongs to another job by now, says nothing about what was shared.
        if (members.Count == members[0].Timing.Stages)
        {
            var longest = members.MaxBy(member => member.Stage.Dictionary.Tokens);
            Add(longest.Timing.Device, StageCost.OfStream(longest.Stage, find), members.Max(member => member.Timing.Seconds) - own);
        }
    }

    private static StageDefinition? DefinitionOf(ArtefactStore store, StageKey key) =>
        Try(() => store.ReadManifest(key) is { } manifest ? StageDefinition.FromJson(manifest.Definition.GetRawText()) : null);

    private static T? Try<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <param name="Size">As <see cref="StageCost.Size"/>.</param>
    /// <param name="SecondsPerUnit">Of <see cref="StageCost.Units"/>.</param>
    private sealed record Rate(double Size, double SecondsPerUnit);
}

/// <summary>How long something will take.</summary>
/// <param name="IsScaled">From other sizes than its own.</param>
public sealed record TimeEstimate(TimeSpan Duration, bool IsScaled);
