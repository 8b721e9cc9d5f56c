using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Devices;
using Orchestrator.Silo.Hosting;
using Orchestrator.Silo.Stages;
using Orchestrator.Text.Tokenization;
using Orchestrator.Text.Tokens;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Silo.Stages;

/// <summary>A store with a tiny untrained model, and the runner of a GPU silo on it.</summary>
internal sealed class TinyStore : IDisposable, IJobReporter
{
    public const int MlpDim = 12;
    public const int ContextLength = 16;

    private const int Vocabulary = 257;
    private static readonly TransformerDefinition Architecture = new() { ModelDim = 8, MlpDim = MlpDim, Heads = 2, ContextLength = ContextLength };

    private readonly string _root = Directory.CreateTempSubdirectory("tiny-store-").FullName;
    private readonly ServiceProvider _services;
    private readonly Dictionary<StageKey, string> _asked = [];

    public TinyStore()
    {
        Store = new ArtefactStore(new StoreLayout(Path.Combine(_root, "store")), TimeProvider.System);
        var corpus = new CorpusDefinition { Kind = "text" };
        var tokenizer = BytePairTrainer.Train(new ReadOnlyMemory<byte>[] { Encoding.UTF8.GetBytes("to be or not to be") }, Vocabulary).Tokenizer;
        Tokenizer = Publish(new TokenizerStage(corpus, new TokenizerDefinition { VocabularySize = Vocabulary }), folder => tokenizer.Save(Path.Combine(folder, "tokenizer.json")));
        Tokens = Publish(new TokensStage(corpus, Tokenizer), folder =>
        {
            foreach (var name in (string[])[TokensBuilder.TrainFile, TokensBuilder.ValidationFile])
            {
                using var file = new TokenFileWriter(Path.Combine(folder, name), tokenizer.Size, tokenizer.EndOfText);
                for (var document = 0; document < 60; document++) file.Write(tokenizer.Encode(Encoding.UTF8.GetBytes($"to be or not to be, that is question {document * 37}")));
                file.Complete();
            }
        });
        Model = Publish(new ModelStage(Tokenizer, Tokens, Architecture, new TransformerTrainingDefinition(), Seed: 1), folder =>
        {
            using var model = new Transformer(Architecture, Vocabulary, CPU, 1);
            model.Save(folder);
            ResultJson.Write(Path.Combine(folder, "result.json"), new ModelResult
            {
                Seed = 1,
                RandomWeights = false,
                Parameters = 1,
                TokensTrained = 0,
                ValidationLoss = 5,
                BigramLoss = 5,
            });
        });
        _services = new ServiceCollection()
            .AddSingleton(Store)
            .AddSingleton(new DeviceIdentity("cpu"))
            .AddSingleton(new SiloSettings { Role = SiloRole.Gpu, Layout = Store.Layout, SiloPort = 1, PrimaryPort = 1, ClusterId = "test" })
            .AddStages()
            .BuildServiceProvider();
    }

    public ArtefactStore Store { get; }

    public StageKey Tokenizer { get; }

    public StageKey Tokens { get; }

    public StageKey Model { get; }

    /// <summary>Computes a stage as a GPU silo does.</summary>
    public StageKey Run(StageDefinition stage)
    {
        var key = StageAddress.Of(stage);
        _asked[key] = stage.ToJson();
        _services.GetRequiredService<IJobRunner>().Run(
            new JobRequest("job", new ExperimentId("test"), [new JobStage(key, stage.ToJson())]), this, CancellationToken.None);
        return key;
    }

    /// <summary>Computes stages as one job, telling somebody else.</summary>
    public void Run(IEnumerable<StageDefinition> stages, IJobReporter reporter, CancellationToken stop) => _services.GetRequiredService<IJobRunner>().Run(
        new JobRequest("job", new ExperimentId("test"), [.. stages.Select(stage => new JobStage(StageAddress.Of(stage), stage.ToJson()))]), reporter, stop);

    /// <summary>An import of that folder, of all its validation tokens.</summary>
    public ImportStage Import(string folder, string? hookPoint = null) => new(
        Tokenizer, Tokens, Model, folder, FolderFingerprint.Compute(folder), hookPoint, new EvaluationDefinition { Tokens = 100_000, UltralowDensity = 0.01 });

    public StageKey Publish(StageDefinition stage, Action<string> write)
    {
        var key = StageAddress.Of(stage);
        var folder = Directory.CreateDirectory(Path.Combine(Store.Layout.WorkOf(key), "1")).FullName;
        write(folder);
        Store.Publish(key, stage.ToJson(), folder);
        return key;
    }

    public void Dispose()
    {
        _services.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    CheckpointRef? IJobReporter.CheckpointOf(StageKey stage) => null;

    IReadOnlyList<double> IJobReporter.RungsOf(StageKey stage) => [];

    bool IJobReporter.ReportRung(StageKey stage, RungResult result) => throw new InvalidOperationException("No stage here has rungs.");

    void IJobReporter.Progress(StageKey stage, RunProgress progress)
    {
    }

    string IJobReporter.NewCheckpointFolder(StageKey stage, long step) => throw new InvalidOperationException("No stage here has checkpoints.");

    void IJobReporter.CommitCheckpoint(StageKey stage, CheckpointRef checkpoint) => throw new InvalidOperationException("No stage here has checkpoints.");

    string IJobReporter.NewWorkFolder(StageKey stage) => Directory.CreateDirectory(Path.Combine(Store.Layout.WorkOf(stage), "result")).FullName;

    void IJobReporter.CommitResult(StageKey stage, string workFolder) => Store.Publish(stage, _asked[stage], workFolder);

    void IJobReporter.Abandon(FailureClass failure, string reason) => throw new InvalidOperationException(reason);

    void IJobReporter.Fail(StageKey stage, FailureClass failure, string reason) => throw new InvalidOperationException(reason);
}
