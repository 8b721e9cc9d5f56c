using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Devices;
using Orchestrator.Silo.Hosting;
using Orchestrator.Silo.Stages;
using Orchestrator.Text.Tokenization;
using Orchestrator.Text.Tokens;
using Orchestrator.Unit.Numerics.Harvest;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Silo.Stages;

/// <summary>A dictionary stage between two hook points, run as a silo runs it.</summary>
public sealed class TranscoderStageTests : IDisposable
{
    private const int Vocabulary = 257;

    private static readonly TransformerDefinition Architecture = new()
    {
        Layers = 2,
        ModelDim = 8,
        MlpDim = 12,
        Heads = 2,
        ContextLength = 16,
        Activation = TransformerDefinition.Gelu,
    };

    private static readonly HarvestDefinition Harvest = new()
    {
        HookPoint = new(1, HookPointKind.Ln2Normalized),
        TargetHookPoint = new(1, HookPointKind.MlpOut),
        BufferVectors = 160,
        BatchContexts = 4,
        Seed = 3,
    };

    private static readonly DictionaryDefinition Definition = new()
    {
        Architecture = DictionaryArchitecture.Transcoder,
        FeatureCount = 24,
        BatchSize = 32,
        Tokens = 32 * 40,
        Seed = 2,
        CheckpointEvery = 7,
        Resampling = new ResamplingDefinition { EverySteps = 15, DeadAfterSteps = 5, Times = 2, Candidates = 64 },
    };

    private readonly string _root = Directory.CreateTempSubdirectory("transcoder").FullName;
    private readonly ArtefactStore _store;
    private readonly DictionaryStage _stage;
    private readonly StageKey _key;
    private readonly TokenArray _tokens = TokenArray.Markov(2_000, 256, 4);

    public TranscoderStageTests()
    {
        _store = new ArtefactStore(new StoreLayout(_root), TimeProvider.System);
        var corpus = new CorpusDefinition { Kind = "text" };
        var tokenizer = BytePairTrainer.Train(new ReadOnlyMemory<byte>[] { Encoding.UTF8.GetBytes("to be or not to be") }, Vocabulary).Tokenizer;
        var tokenizerKey = Publish(
            new TokenizerStage(corpus, new TokenizerDefinition { VocabularySize = Vocabulary }),
            folder => tokenizer.Save(Path.Combine(folder, "tokenizer.json")));
        var tokensKey = Publish(new TokensStage(corpus, tokenizerKey), folder =>
        {
            foreach (var name in (string[])[TokensBuilder.TrainFile, TokensBuilder.ValidationFile])
            {
                using var file = new TokenFileWriter(Path.Combine(folder, name), tokenizer.Size, tokenizer.EndOfText);
                var tokens = new int[_tokens.Count];
                _tokens.Read(0, tokens);
                file.Write(tokens);
                file.Complete();
            }
        });
        var modelKey = Publish(
            new ModelStage(tokenizerKey, tokensKey, Architecture, new TransformerTrainingDefinition(), 1),
            folder =>
            {
                using var model = new Transformer(Architecture, Vocabulary, CPU, 1);
                model.Save(folder);
            });
        _stage = new DictionaryStage(tokenizerKey, tokensKey, modelKey, Harvest, Definition, new EvaluationDefinition { Tokens = 320 });
        _key = StageAddress.Of(_stage);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Run_TrainsOnBothSidesOfTheStream()
    {
        var reporter = NewReporter();
        Run(reporter, CancellationToken.None);

        Assert.Empty(reporter.Failures);
        using var trained = SparseDictionary.Load(reporter.Results[_key], CPU);
        using var expected = TrainedByHand();
        Assert.Equal(("blocks.1.ln2.hook_normalized", "blocks.1.hook_mlp_out"), (trained.Site.HookPoint, trained.Site.TargetHookPoint));
        Assert.Equal(Weights(expected), Weights(trained));
    }

    [Fact]
    public void Run_InterruptedAtEveryCheckpoint_EndsInTheSameBits()
    {
        var reporter = NewReporter();
        var interruptions = 0;
        while (!reporter.Results.ContainsKey(_key))
        {
            using var stop = new CancellationTokenSource();
            var begun = reporter.CheckpointOf(_key)?.Step ?? 0;
            reporter.OnCheckpoint = () =>
            {
                if (reporter.CheckpointOf(_key)!.Step > begun) stop.Cancel();
            };
            try
            {
                Run(reporter, stop.Token);
            }
            catch (OperationCanceledException)
            {
                interruptions++;
            }
        }

        Assert.True(interruptions >= 4);
        using var trained = SparseDictionary.Load(reporter.Results[_key], CPU);
        using var expected = TrainedByHand();
        Assert.Equal(Weights(expected), Weights(trained));
    }

    private static float[] Weights(SparseDictionary dictionary) =>
    [
        .. HostMemory.ToSingles(dictionary.EncoderWeight), .. HostMemory.ToSingles(dictionary.DecoderWeight),
        .. HostMemory.ToSingles(dictionary.EncoderBias), .. HostMemory.ToSingles(dictionary.DecoderBias),
    ];

    private SparseDictionary TrainedByHand()
    {
        using var model = new Transformer(Architecture, Vocabulary, CPU, 1);
        using var stream = new ActivationStream(model, Harvest, _tokens);
        var dictionary = new SparseDictionary(Definition, new DictionarySite(Harvest.HookPoint.ToString(), 8, Harvest.TargetHookPoint.ToString(), 8));
        using var trainer = new DictionaryTrainer(dictionary);
        while (trainer.StepIndex < trainer.Steps)
        {
            using var batch = stream.Next(Definition.BatchSize);
            if (trainer.StepIndex == 0)
            {
                using var sample = stream.Buffered(8_192);
                trainer.Initialise(sample.Targets);
            }

            trainer.Step(batch.Inputs, batch.Targets);
            if (trainer.WantsResampling)
            {
                using var candidates = stream.Buffered(Definition.Resampling.Candidates);
                trainer.Resample(candidates.Inputs, candidates.Targets);
            }
        }

        return dictionary;
    }

    private RecordingJobReporter NewReporter() => new(Directory.CreateDirectory(Path.Combine(_root, "job")).FullName);

    private void Run(RecordingJobReporter reporter, CancellationToken stop)
    {
        using var services = new ServiceCollection()
            .AddSingleton(_store)
            .AddSingleton(new DeviceIdentity("cpu"))
            .AddSingleton(new SiloSettings
            {
                Role = SiloRole.Gpu,
                Layout = _store.Layout,
                SiloPort = 1,
                PrimaryPort = 1,
                ClusterId = "test",
                Plugins = Directory.CreateDirectory(Path.Combine(_root, "plugins")).FullName,
            })
            .AddStages()
            .BuildServiceProvider();
        services.GetRequiredService<IJobRunner>().Run(new JobRequest("job", new ExperimentId("test-00000000"), [new JobStage(_key, _stage.ToJson())]), reporter, stop);
    }

    private StageKey Publish(StageDefinition stage, Action<string> write)
    {
        var key = StageAddress.Of(stage);
        var folder = Directory.CreateDirectory(Path.Combine(_store.Layout.WorkOf(key), "1")).FullName;
        write(folder);
        _store.Publish(key, stage.ToJson(), folder);
        return key;
    }
}
