using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Stages;
using Xunit;

namespace Orchestrator.Unit.Silo.Stages;

/// <summary>Dictionaries of every architecture on one stream, measured at rungs by what a silo runs.</summary>
public sealed class RungStageTests : IDisposable
{
    private const int Steps = 40;
    private static readonly double[] Rungs = [0.25, 0.6];
    private static readonly string[] Files = ["sae.safetensors", "metrics.jsonl", "features.parquet"];

    private readonly TinyStore _store = new();
    private readonly string _root = Directory.CreateTempSubdirectory("rungs").FullName;
    private readonly List<DictionaryStage> _stages;

    public RungStageTests() => _stages = [.. DictionaryArchitecture.All.Where(architecture => architecture.Name != DictionaryArchitecture.Transcoder).Select(architecture =>
        new DictionaryStage(
            _store.Tokenizer,
            _store.Tokens,
            _store.Model,
            new HarvestDefinition { BufferVectors = 160, BatchContexts = 4, Seed = 3 },
            new DictionaryDefinition
            {
                Architecture = architecture.Name,
                K = architecture.Has(ArchitectureOptions.K) ? 4 : null,
                FeatureCount = 24,
                BatchSize = 32,
                Tokens = 32 * Steps,
                Seed = 2,
                CheckpointEvery = 7,
            }.WithDefaults(),
            new EvaluationDefinition { Tokens = 320, UltralowDensity = 0.01 }))];

    private StageKey First => StageAddress.Of(_stages[0]);

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void WhatIsMeasuredAtRungs_EndsInTheSameBits()
    {
        var whole = Compute(NewReporter());
        var measured = NewReporter(Rungs);

        Assert.Equal(whole, Compute(measured));
        Assert.Equal([10L, 24L], measured.RungResults.Select(known => known.Result.Step).Distinct());
        Assert.Equal(_stages.Count * 2, measured.RungResults.Count);
        Assert.All(measured.RungResults, known => Assert.Equal(RankingMetric.All.Select(metric => metric.Name), known.Result.Metrics.Keys));
    }

    [Fact]
    public void WhatWaits_HasItsCheckpointThere_AndPublishesNothing_WhileTheOthersGoOn()
    {
        var reporter = NewReporter(Rungs);
        reporter.OnRung = (stage, result) =>
        {
            Assert.Equal(result.Step, reporter.CheckpointOf(stage)?.Step); // before the report
            return stage == First && result.Rung == Rungs[0];
        };
        Compute(reporter);

        Assert.Equal(_stages.Skip(1).Select(stage => StageAddress.Of(stage)).ToHashSet(), reporter.Results.Keys.ToHashSet());
        Assert.Equal(10, reporter.CheckpointOf(First)?.Step);

        // Let go on later, alone: to the same bits, without being measured there again.
        reporter.OnRung = null;
        var whole = Compute(NewReporter());
        Compute(reporter, _stages.Take(1));
        Assert.Equal(whole[First], Bits(reporter)[First]);
        Assert.Equal(Rungs, reporter.RungResults.Where(known => known.Stage == First).Select(known => known.Result.Rung));
    }

    [Fact]
    public void WhereAllWait_TheJobEnds()
    {
        var reporter = NewReporter(Rungs);
        reporter.OnRung = (_, _) => true;
        Compute(reporter);

        Assert.Empty(reporter.Results);
        Assert.Empty(reporter.Failures);
        Assert.All(reporter.RungResults, known => Assert.Equal(Rungs[0], known.Result.Rung));
    }

    [Fact]
    public void WhatIsLostBetweenCheckpointAndReport_IsMeasuredAgain_ToTheSameValues()
    {
        var undisturbed = NewReporter(Rungs);
        Compute(undisturbed);
        var reporter = NewReporter(Rungs);
        var reports = 0;
        reporter.OnRung = (_, _) => ++reports == 3 ? throw new LeaseLostException("the process was killed") : false;

        Assert.Throws<LeaseLostException>(() => Compute(reporter));
        Assert.Equal(2, reporter.RungResults.Count);
        Compute(reporter);

        Assert.Equal(Values(undisturbed), Values(reporter));
        Assert.Equal(Bits(undisturbed), Bits(reporter));
    }

    [Fact]
    public void WhatIsInterruptedWhileItIsMeasured_HasItsCheckpointThere()
    {
        using var stop = new CancellationTokenSource();
        var reporter = NewReporter(Rungs);
        reporter.OnCheckpoint = () =>
        {
            if (reporter.CheckpointOf(First)?.Step == 10)
                stop.Cancel();
        };

        Assert.Throws<OperationCanceledException>(() => _store.Run(_stages, reporter, stop.Token));
        Assert.Empty(reporter.RungResults);
        Assert.All(_stages, stage => Assert.Equal(10, reporter.CheckpointOf(StageAddress.Of(stage))?.Step));
    }

    private RecordingJobReporter NewReporter(params IReadOnlyList<double> rungs)
    {
        var reporter = new RecordingJobReporter(Directory.CreateDirectory(Path.Combine(_root, Guid.NewGuid().ToString("N"))).FullName);
        reporter.Rungs.AddRange(rungs);
        return reporter;
    }

    private Dictionary<StageKey, string> Compute(RecordingJobReporter reporter, IEnumerable<DictionaryStage>? stages = null)
    {
        _store.Run(stages ?? _stages, reporter, CancellationToken.None);
        return Bits(reporter);
    }

    /// <summary>What an artefact consists of, but for how fast it was.</summary>
    private static Dictionary<StageKey, string> Bits(RecordingJobReporter reporter) => reporter.Results.ToDictionary(
        result => result.Key,
        result => string.Join('\n', Files.Select(file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(result.Value, file)))))
            .Append(string.Join(' ', RankingMetric.ValuesOf(ResultJson.Read<DictionaryResult>(Path.Combine(result.Value, "result.json")))))));

    private static IEnumerable<(StageKey, double, string)> Values(RecordingJobReporter reporter) => reporter.RungResults
        .Select(known => (known.Stage, known.Result.Rung, string.Join(' ', known.Result.Metrics)))
        .OrderBy(known => known.Stage.Value, StringComparer.Ordinal).ThenBy(known => known.Rung);
}
