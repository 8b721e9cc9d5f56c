using System.Text;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Plugins;
using Orchestrator.Text.Tokenization;
using Orchestrator.Text.Tokens;
using Orchestrator.Unit.Analyses;
using TorchSharp;
using Xunit;

namespace Orchestrator.Unit.Silo.Plugins;

/// <summary>Artefacts of a tiny model, untrained, in a store.</summary>
public sealed class AnalysisContextTests : IDisposable
{
    private const int ContextLength = 16;
    private const int Vocabulary = 257;
    private static readonly HookPoint MlpPost = new(0, HookPointKind.MlpPost);
    private static readonly TransformerDefinition Architecture = new() { ModelDim = 8, MlpDim = 12, Heads = 2, ContextLength = ContextLength };

    private readonly string _root = Directory.CreateTempSubdirectory("store").FullName;
    private readonly ArtefactStore _store;
    private readonly StageKey _tokenizer;
    private readonly StageKey _tokens;

    public AnalysisContextTests()
    {
        _store = new ArtefactStore(new StoreLayout(_root), TimeProvider.System);
        var corpus = new CorpusDefinition { Kind = "text" };
        var tokenizer = BytePairTrainer.Train(
            new ReadOnlyMemory<byte>[] { Encoding.UTF8.GetBytes("to be or not to be") }, Vocabulary).Tokenizer;
        _tokenizer = Publish(new TokenizerStage(corpus, new TokenizerDefinition { VocabularySize = Vocabulary }),
            folder => tokenizer.Save(Path.Combine(folder, "tokenizer.json")));
        _tokens = Publish(new TokensStage(corpus, _tokenizer), folder =>
        {
            using var file = new TokenFileWriter(Path.Combine(folder, TokensBuilder.ValidationFile), tokenizer.Size, tokenizer.EndOfText);
            for (var document = 0; document < 60; document++)
            {
                file.Write(tokenizer.Encode(Encoding.UTF8.GetBytes($"to be or not to be, that is question {document * 37}")));
            }

            file.Complete();
        });
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Activations_AreThoseOfModelAndDictionary()
    {
        using var context = Context(Dictionary(Model(1), 1));
        var features = context.Features(context.Dictionaries[0]);
        var batch = context.Tokens(10 * ContextLength).First();
        var sparse = features.Activations(batch);

        using var scope = torch.NewDisposeScope();
        using var model = Transformer.Load(_store.Layout.Artefact(context.Dictionaries[0].Model), torch.CPU);
        using var dictionary = SparseDictionary.Load(_store.Layout.Artefact(context.Dictionaries[0].Id.Stage));
        var tokens = torch.tensor(Array.ConvertAll(batch.Tokens, static token => (long)token)).view(batch.Contexts, batch.Length);
        var hook = model.HookActivations(tokens, MlpPost).view(batch.Count, 12);
        var dense = dictionary.Encode(hook);
        var neurons = context.Neurons(context.Dictionaries[0]).Activations(batch);
        for (var token = 0; token < batch.Count; token++)
        {
            Assert.Equal(Positive(dense, token), sparse.FeaturesOf(token).ToArray());
            Assert.Equal(Positive(hook, token), neurons.FeaturesOf(token).ToArray());
        }

        Assert.Equal(dictionary.Direction(3), features.Direction(3).ToArray());
        var logits = model.LogitWeights(dictionary.DecoderWeight, MlpPost);
        Assert.Equal(logits[3, 5].item<float>(), features.LogitWeights(3)[5], 1e-5f);
    }

    [Fact]
    public void Sources_AreThoseOfTheDictionarysHookPoint()
    {
        var at = new HookPoint(1, HookPointKind.ResidMid);
        using var context = Context(Dictionary(Model(1, layers: 2), 1, at: at));
        var input = context.Dictionaries[0];
        var (features, neurons) = (context.Features(input), context.Neurons(input));
        var batch = context.Tokens(10 * ContextLength).First();

        using var scope = torch.NewDisposeScope();
        using var model = Transformer.Load(_store.Layout.Artefact(input.Model), torch.CPU);
        using var dictionary = SparseDictionary.Load(_store.Layout.Artefact(input.Id.Stage));
        var tokens = torch.tensor(Array.ConvertAll(batch.Tokens, static token => (long)token)).view(batch.Contexts, batch.Length);
        var dense = dictionary.Encode(model.HookActivations(tokens, at).view(batch.Count, 8));
        var hidden = model.HookActivations(tokens, new HookPoint(1, HookPointKind.MlpPost)).view(batch.Count, 12);
        Assert.Equal((8, 8, 8, 12), (input.ActivationDim, features.ActivationDim, neurons.ActivationDim, neurons.FeatureCount));
        for (var token = 0; token < batch.Count; token++)
        {
            Assert.Equal(Positive(dense, token), features.Activations(batch).FeaturesOf(token).ToArray());
            Assert.Equal(Positive(hidden, token), neurons.Activations(batch).FeaturesOf(token).ToArray());
        }

        Assert.Equal(model.LogitWeights(dictionary.DecoderWeight, at)[3, 5].item<float>(), features.LogitWeights(3)[5], 1e-5f);
        var written = model.Parameter("blocks.1.mlp.W_out")[7];
        Assert.Equal((written / written.norm()).data<float>().ToArray(), neurons.Direction(7).ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
        var unit = torch.eye(12).narrow(0, 7, 1);
        Assert.Equal(model.LogitWeights(unit, new HookPoint(1, HookPointKind.MlpPost))[0, 5].item<float>(), neurons.LogitWeights(7)[5], 1e-5f);
    }

    [Fact]
    public void Sources_OfATranscoderReadItsInputAndWriteItsTarget()
    {
        var (from, to) = (new HookPoint(0, HookPointKind.Ln2Normalized), new HookPoint(0, HookPointKind.MlpPost));
        var definition = new DictionaryDefinition { Architecture = "transcoder", FeatureCount = 20, Tokens = 1, Seed = 1 };
        var harvest = new HarvestDefinition { HookPoint = from, TargetHookPoint = to, Seed = 1 };
        var key = Publish(new DictionaryStage(_tokenizer, _tokens, Model(1), harvest, definition, new EvaluationDefinition()), folder =>
        {
            using var transcoder = new SparseDictionary(definition, new DictionarySite(from.ToString(), 8, to.ToString(), 12));
            transcoder.Save(folder);
        });
        using var context = Context(key);
        var input = context.Dictionaries[0];
        var (features, neurons) = (context.Features(input), context.Neurons(input));
        var batch = context.Tokens(10 * ContextLength).First();

        using var scope = torch.NewDisposeScope();
        using var model = Transformer.Load(_store.Layout.Artefact(input.Model), torch.CPU);
        using var dictionary = SparseDictionary.Load(_store.Layout.Artefact(key));
        var tokens = torch.tensor(Array.ConvertAll(batch.Tokens, static token => (long)token)).view(batch.Contexts, batch.Length);
        var dense = dictionary.Encode(model.HookActivations(tokens, from).view(batch.Count, 8));
        for (var token = 0; token < batch.Count; token++)
            Assert.Equal(Positive(dense, token), features.Activations(batch).FeaturesOf(token).ToArray());
        Assert.Equal((12, 12, 12), (input.ActivationDim, features.ActivationDim, neurons.ActivationDim));
        Assert.Equal(dictionary.Direction(3), features.Direction(3).ToArray());
        Assert.Equal(model.LogitWeights(dictionary.DecoderWeight, to)[3, 5].item<float>(), features.LogitWeights(3)[5], 1e-5f);
    }

    [Fact]
    public void Tokens_AreConsecutiveContextsWithTheirDocuments()
    {
        using var context = Context(Dictionary(Model(1), 1));
        using var file = TokenFile.Open(_store.FileOf(_tokens, TokensBuilder.ValidationFile));
        var next = 0L;
        foreach (var batch in context.Tokens(long.MaxValue))
        {
            Assert.Equal(next, batch.FirstToken);
            Assert.Equal(ContextLength, batch.Length);
            Assert.All(Enumerable.Range(0, batch.Count), i => Assert.Equal(file.DocumentAt(batch.FirstToken + i), batch.Documents[i]));
            next += batch.Count;
        }

        Assert.Equal(file.Count / ContextLength * ContextLength, next);
    }

    [Theory]
    [InlineData("universality", "blocks.0.mlp.hook_post")]
    [InlineData("feature-report", "blocks.0.mlp.hook_post")]
    [InlineData("finite-state-automata", "blocks.0.mlp.hook_post")]
    [InlineData("feature-splitting", "blocks.0.mlp.hook_post")]
    [InlineData("universality", "blocks.1.hook_resid_mid")]
    [InlineData("feature-report", "blocks.1.ln2.hook_normalized")]
    [InlineData("finite-state-automata", "blocks.1.hook_mlp_out")]
    [InlineData("feature-splitting", "blocks.1.hook_resid_mid")]
    [InlineData("feature-splitting", "blocks.1.ln2.hook_normalized")]
    public void Run_BuiltInOnStoredArtefacts_Completes(string kind, string hookPoint)
    {
        var at = HookPoint.Parse(hookPoint);
        var (first, second) = (Model(1, layers: 2), Model(2, layers: 2));
        var analysis = BuiltInAnalyses.Host.Create(kind);
        var dictionaries = analysis.Manifest.Inputs switch
        {
            AnalysisInputs.SeedPair => [Dictionary(first, 1, at: at), Dictionary(second, 2, at: at)],
            AnalysisInputs.Sizes => [Dictionary(first, 1, at: at), Dictionary(first, 1, features: 32, at: at)],
            _ => new[] { Dictionary(first, 1, at: at) },
        };
        var folder = Directory.CreateDirectory(Path.Combine(_root, "work", kind)).FullName;
        using var context = Context(kind, folder, [Dictionary(second, 9, at: at)], dictionaries);
        var result = AnalysisRunner.Run(analysis, context, folder, CancellationToken.None);
        Assert.Null(result.Error);
        Assert.Equal("completed", result.Status);
        Assert.NotEmpty(result.NullMetrics);
        Assert.All(result.Artefacts, name => Assert.True(new FileInfo(Path.Combine(folder, name)).Length > 0, name));
    }

    private static int[] Positive(torch.Tensor matrix, int row) => [.. matrix[row].data<float>()
        .Select(static (value, index) => (value, index)).Where(static entry => entry.value > 0).Select(static entry => entry.index)];

    private AnalysisContext Context(StageKey dictionary) => Context("feature-report", _root, [], dictionary);

    private AnalysisContext Context(string kind, string folder, StageKey[] nulls, params StageKey[] dictionaries)
    {
        var options = BuiltInAnalyses.Manifest(kind).Options.ToDictionary(static option => option.Name, static option => option.Default);
        var models = dictionaries.Concat(nulls)
            .Select(key => ((DictionaryStage)StageDefinition.FromJson(_store.ReadManifest(key)!.Definition.GetRawText())).Model).Distinct();
        var stage = new AnalysisStage(kind, "plugin", "1.0.0", "", _tokenizer, _tokens, dictionaries, nulls, [.. models], options, 1);
        return new AnalysisContext(stage, _store, torch.CPU, folder, static _ => { });
    }

    private StageKey Model(ulong seed, int layers = 1) => Publish(new ModelStage(_tokenizer, _tokens, Architecture with { Layers = layers }, new TransformerTrainingDefinition(), seed), folder =>
    {
        using var model = new Transformer(Architecture with { Layers = layers }, Vocabulary, torch.CPU, seed);
        model.Save(folder);
        ResultJson.Write(Path.Combine(folder, "result.json"), new ModelResult
        {
            Seed = seed,
            RandomWeights = false,
            Parameters = 1,
            TokensTrained = 0,
            ValidationLoss = 5,
            BigramLoss = 5,
        });
    });

    private StageKey Dictionary(StageKey model, ulong seed, int features = 20, HookPoint? at = null)
    {
        var hookPoint = at ?? MlpPost;
        var definition = new DictionaryDefinition { FeatureCount = features, Tokens = 1, Seed = seed };
        return Publish(new DictionaryStage(_tokenizer, _tokens, model, new HarvestDefinition { HookPoint = hookPoint, Seed = 1 }, definition, new EvaluationDefinition()), folder =>
        {
            using var dictionary = new SparseDictionary(definition, hookPoint.WidthIn(Architecture with { Layers = 2 }), hookPoint.ToString());
            dictionary.Save(folder);
        });
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
