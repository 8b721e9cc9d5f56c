using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Grains.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Unit.Reports;

/// <summary>A made-up experiment in a temporary store: two models, a random twin, a sweep and two analyses.</summary>
public sealed class TemporaryExperiment : IDisposable
{
    /// <summary>What a hostile corpus would put where a token is shown.</summary>
    public const string HostileToken = "</bdi><script>alert(1)</script>\u001b[31m\u202e";

    private readonly List<FinishedStage> _stages = [];
    private readonly List<RungDecision> _rungs = [];
    private readonly StageKey _tokenizer = new("tokenizer-000000000001");
    private readonly StageKey _tokens = new("tokens-000000000001");

    public TemporaryExperiment()
    {
        Root = Directory.CreateTempSubdirectory("orchestrator-report-").FullName;
        Store = new ArtefactStore(new StoreLayout(Root), TimeProvider.System);
        var corpus = new CorpusDefinition { Kind = "text" };
        Publish(_tokenizer, "tokenizer", new TokenizerStage(corpus, new TokenizerDefinition { VocabularySize = 2048 }), StagePhase.Cached);
        Publish(_tokens, "tokens", new TokensStage(corpus, _tokenizer), StagePhase.Cached);
        var first = Model(1, 2.112);
        var second = Model(2, 2.127);
        var twin = Twin(first, 9.41);
        Dictionaries = [.. Sweep(first, 0), .. Sweep(second, 0.004), Dictionary(twin, 2048, 31.7, 0.61, metricsVersion: 1)];
        FeatureReport(Dictionaries[2]);
        Universality(Dictionaries[2], Dictionaries[5]);
    }

    public string Root { get; }

    public ArtefactStore Store { get; }

    /// <summary>Sizes of the first model, of the second, and the twin's, measured before version 2 of the metrics.</summary>
    public IReadOnlyList<StageKey> Dictionaries { get; }

    public IReadOnlyList<PluginManifest> Manifests { get; } =
    [
        new PluginManifest
        {
            Id = "orchestrator.universality",
            Version = "1.0.0",
            EntryAssembly = "Universality.dll",
            ContractLevel = 1,
            Analyses =
            [
                new AnalysisManifest
                {
                    Kind = "universality",
                    Type = "T",
                    Summary = "Do two models that differ only in their seed learn the same features?",
                    Inputs = AnalysisInputs.SeedPair,
                    Metrics =
                    [
                        new MetricManifest { Name = "median_correlation", Unit = "Pearson's r", Version = 2, Description = "Median over features of the highest correlation with a feature of the other dictionary." },
                        new MetricManifest { Name = "matched_fraction", Unit = "share", Version = 1, Description = "Features whose best match correlates above 0.5." },
                    ],
                },
            ],
        },
    ];

    public FinishedExperiment Finished(ExperimentPhase phase = ExperimentPhase.Completed) => new(
        new ExperimentId("made-up-1f3a9c0d"),
        "made-up",
        "name: made-up # <b>not bold</b>\n",
        phase,
        421.7,
        _stages.Count(s => s.Phase == StagePhase.Cached),
        _stages.Count(s => s.Phase == StagePhase.Completed),
        _stages)
    {
        Rungs = _rungs,
    };

    public void Fail(string label, string reason) =>
        _stages.Add(new FinishedStage(new StageKey("analysis-ffffffffffff"), label, _stages[0].Definition, StagePhase.Failed, reason));

    /// <summary>An analysis whose plugin threw: there is no artefact of it.</summary>
    public void FailAnalysis(string kind, string reason) => _stages.Add(new FinishedStage(
        new StageKey("analysis-eeeeeeeeeeee"), $"analysis {kind}", Analysis(kind, [Dictionaries[0], Dictionaries[3]]), StagePhase.Failed, reason));

    /// <summary>A dictionary that was third of four at a quarter.</summary>
    public void StopEarly(string label, string reason)
    {
        var key = new StageKey("dictionary-dddddddddddd");
        _stages.Add(new FinishedStage(key, label, _stages[0].Definition, StagePhase.Stopped, reason));
        _rungs.Add(new RungDecision(
            new StageKey("model-1"), 0.25, "loss_recovered", [.. Dictionaries.Take(2).Append(key).Append(Dictionaries[3]).Select((stage, i) => new RungPlace(stage, 0.9 - (i * 0.1)))], 2));
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private StageKey Model(ulong seed, double loss)
    {
        var definition = new ModelStage(_tokenizer, _tokens, new TransformerDefinition(), new TransformerTrainingDefinition(), seed);
        return Publish(definition, $"model seed {seed}", new ModelResult { Seed = seed, RandomWeights = false, Parameters = 739_456, TokensTrained = 1_000_000, ValidationLoss = loss, BigramLoss = 2.391, TokensPerSecond = 9_870 });
    }

    private StageKey Twin(StageKey model, double loss) => Publish(
        new RandomTwinStage(_tokenizer, _tokens, model, 1),
        "random twin of model seed 1",
        new ModelResult { Seed = 1, RandomWeights = true, Parameters = 739_456, TokensTrained = 0, ValidationLoss = loss, BigramLoss = 2.391 });

    private IEnumerable<StageKey> Sweep(StageKey model, double shift) =>
    [
        Dictionary(model, 512, 9.1 + (shift * 100), 0.902 - shift),
        Dictionary(model, 1024, 12.4 + (shift * 60), 0.934 - shift),
        Dictionary(model, 2048, 15.2 + (shift * 40), 0.957 - shift),
    ];

    private StageKey Dictionary(StageKey model, int features, double l0, double recovered, int metricsVersion = 2)
    {
        var definition = new DictionaryStage(_tokenizer, _tokens, model, new HarvestDefinition { Seed = 1 }, new DictionaryDefinition { FeatureCount = features, Tokens = 300_000, Seed = 1 }, new EvaluationDefinition());
        var histogram = Enumerable.Range(0, 40).Select(i => (int)(features * 0.15 * Math.Exp(-Math.Pow((i - 29 + Math.Log2(features / 512.0)) / 3.2, 2)))).ToList();
        var result = new DictionaryResult
        {
            MetricsVersion = metricsVersion,
            FeatureCount = features,
            Architecture = "standard",
            LossConvention = "mean-squared-error-over-elements + λ · sum-over-features",
            L1Coefficient = 0.004,
            L0 = l0,
            ExplainedVariance = recovered - 0.13,
            LossOriginal = 2.11,
            LossZero = 4.87,
            LossSpliced = 4.87 - (recovered * 2.76),
            LossRecovered = recovered,
            DeadFeatures = features / 40,
            UltralowDensityFeatures = features / 90,
            UltralowDensityThreshold = 1e-5,
            EvaluationTokens = 100_000,
            DensityHistogram = histogram,
            TokensSeen = 300_000,
            TokensPerSecond = 5_400,
        };
        return Publish(definition, $"dictionary {features} on {model}", metricsVersion == 1 ? result : Complete(result), WriteFeatures);
    }

    /// <summary>With what version 2 added; a bias that is not defined, as of a silent dictionary.</summary>
    private static DictionaryResult Complete(DictionaryResult result) => result with
    {
        L1 = result.L0 / 2,
        MeanSquaredError = 0.00123,
        CosineSimilarity = result.ExplainedVariance + 0.1,
        L2Ratio = 0.912,
        RelativeReconstructionBias = double.NaN,
        KlZero = 2.5,
        KlSpliced = 2.5 * (1 - result.LossRecovered),
        KlRecovered = result.LossRecovered,
        FeaturesAboveOnePercent = 0.0625,
        FeaturesAboveTenPercent = 0,
        MeanMaxDecoderCosine = 0.37,
    };

    private void FeatureReport(StageKey dictionary) => Publish(
        Analysis("feature-report", [dictionary]),
        "feature-report",
        new AnalysisResult { Kind = "feature-report", Plugin = "orchestrator.feature-report", PluginVersion = "1.0.0", Inputs = [dictionary.Value], Status = "completed", Verdict = "Contexts of 24 features were written.", Metrics = new Dictionary<string, double> { ["features"] = 24 }, Artefacts = ["contexts.parquet", "closest-neurons.parquet"] },
        folder =>
        {
            Query($"""
                COPY (SELECT f::INTEGER AS feature, (i // 4)::INTEGER AS interval, (20.5 - i - f / 10.0)::FLOAT AS activation, i::INTEGER AS document, (f * 100 + i)::BIGINT AS position,
                             'The following example shows how to call' || chr(10) || 'the <see cref="M:System.String.' AS before,
                             CASE WHEN f = 0 THEN $hostile ELSE ' token' || f END AS token,
                             '(System.Object)"/> method with [bold]markup[/] in a loop.' AS after
                      FROM range(24) AS features(f), range(16) AS contexts(i)) TO '{folder}/contexts.parquet' (FORMAT parquet)
                """);
            Query($"COPY (SELECT f::INTEGER AS feature, (f * 7)::INTEGER AS neuron, (0.9 - f / 50.0)::FLOAT AS correlation FROM range(24) AS t(f)) TO '{folder}/closest-neurons.parquet' (FORMAT parquet)");
        });

    private void Universality(StageKey first, StageKey second) => Publish(
        Analysis("universality", [first, second]),
        "universality",
        new AnalysisResult
        {
            Kind = "universality",
            Plugin = "orchestrator.universality",
            PluginVersion = "1.0.0",
            Inputs = [first.Value, second.Value],
            Status = "completed",
            Verdict = "Features of the two models match each other far better than their neurons do: median correlation 0.71 against 0.34.",
            Metrics = new Dictionary<string, double> { ["median_correlation"] = 0.7132, ["matched_fraction"] = 0.81 },
            NullMetrics = new Dictionary<string, double> { ["median_correlation"] = 0.3391, ["matched_fraction"] = 0.22 },
            Artefacts = ["correlations.svg", "matches.parquet"],
        },
        folder =>
        {
            File.WriteAllText(Path.Combine(folder, "correlations.svg"), """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><script>alert(2)</script><rect x="10" y="20" width="80" height="70" fill="#2563c9"/><rect x="110" y="60" width="80" height="30" fill="#999"/></svg>""");
            Query($"COPY (SELECT f::INTEGER AS feature, (f * 3)::INTEGER AS best_match, (0.95 - f / 40.0)::FLOAT AS correlation, $hostile AS token FROM range(20) AS t(f)) TO '{folder}/matches.parquet' (FORMAT parquet)");
        });

    private AnalysisStage Analysis(string kind, IReadOnlyList<StageKey> dictionaries) => new(
        kind, "orchestrator." + kind, "1.0.0", "", _tokenizer, _tokens, dictionaries, [], [], new Dictionary<string, JsonElement>(), 1);

    private static void WriteFeatures(string folder) => Query($"""
        COPY (SELECT f::INTEGER AS feature, (0.00001 * pow(1.5, f % 20) + f / 1e9)::DOUBLE AS density, (20.5 - f / 10.0)::FLOAT AS max_activation, 3.2::FLOAT AS mean_activation,
                     -0.1::FLOAT AS encoder_bias, 1.0::FLOAT AS encoder_norm, 0.83::FLOAT AS encoder_decoder_cosine, f = 23 AS dead, f = 22 AS ultralow_density,
                     [CASE WHEN f = 0 THEN $hostile ELSE ' token' || f END, ' System', chr(10), '<b>'] AS top_tokens,
                     ['.String', '(', ' the'] AS positive_logit_tokens, [2.1::FLOAT, 1.9::FLOAT, 0.4::FLOAT] AS positive_logits,
                     [' an', '\xE2', chr(9)] AS negative_logit_tokens, [-1.1::FLOAT, -0.9::FLOAT, -0.2::FLOAT] AS negative_logits
              FROM range(24) AS t(f)) TO '{folder}/features.parquet' (FORMAT parquet)
        """);

    private static void Query(string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql.Replace("$hostile", "'" + HostileToken + "'", StringComparison.Ordinal);
        command.ExecuteNonQuery();
    }

    private StageKey Publish<T>(StageDefinition definition, string label, T result, Action<string>? write = null)
    {
        var key = StageAddress.Of(definition);
        return Publish(key, label, definition, StagePhase.Completed, folder =>
        {
            ResultJson.Write(Path.Combine(folder, "result.json"), result);
            write?.Invoke(folder);
        });
    }

    private StageKey Publish(StageKey key, string label, StageDefinition definition, StagePhase phase, Action<string>? write = null)
    {
        var work = Directory.CreateDirectory(Path.Combine(Root, "work", key.Value)).FullName;
        File.WriteAllText(Path.Combine(work, "note.txt"), "made up", Encoding.UTF8);
        write?.Invoke(work);
        Store.Publish(key, definition.ToJson(), work);
        _stages.Add(new FinishedStage(key, label, definition, phase, null));
        return key;
    }
}
