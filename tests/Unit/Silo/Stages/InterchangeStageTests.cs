using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Formats;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Plugins;
using Orchestrator.Unit.Analyses;
using Orchestrator.Unit.Numerics.Interchange;
using TorchSharp;
using Xunit;

namespace Orchestrator.Unit.Silo.Stages;

/// <summary>Imports and exports as a GPU silo computes them.</summary>
public sealed class InterchangeStageTests : IDisposable
{
    private const int Features = 30;

    private readonly TinyStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Import_MakesADictionaryLikeAnyOther()
    {
        using var folder = ForeignFolder.SaeLens(Raw(), "topk").WriteSaeLens();
        var key = _store.Run(_store.Import(folder.Root));
        Assert.StartsWith("dictionary-", key.Value, StringComparison.Ordinal);
        Assert.Empty(_store.Store.Verify(key));
        Assert.Equal(["config.json", "features.parquet", "result.json", "sae.safetensors"], _store.Store.ReadManifest(key)!.Files.Select(file => file.Path));
        var result = ResultJson.Read<DictionaryResult>(_store.Store.FileOf(key, "result.json"));
        Assert.Equal(("top-k", 6, Features), (result.Architecture, result.K, result.FeatureCount));
        Assert.StartsWith("SAELens topk", result.ImportedFrom, StringComparison.Ordinal);
        Assert.Null(result.L1Coefficient);
        Assert.InRange(result.L0, 0.1, 6);
        using var dictionary = SparseDictionary.Load(_store.Store.Layout.Artefact(key));
        Assert.False(dictionary.HasUnitRows);
    }

    [Theory]
    [InlineData("feature-report")]
    [InlineData("finite-state-automata")]
    [InlineData("feature-splitting")]
    public void Analysis_OfImportedDictionaries_Completes(string kind)
    {
        using var folder = ForeignFolder.SaeLens(Raw(), "topk").WriteSaeLens();
        using var larger = ForeignFolder.SaeLens(Raw(2 * Features), "standard").WriteSaeLens();
        StageKey[] dictionaries = [_store.Run(_store.Import(folder.Root)), _store.Run(_store.Import(larger.Root))];
        var analysis = BuiltInAnalyses.Host.Create(kind);
        var options = BuiltInAnalyses.Manifest(kind).Options.ToDictionary(option => option.Name, option => option.Default);
        var inputs = analysis.Manifest.Inputs == AnalysisInputs.Sizes ? dictionaries : dictionaries[..1];
        var stage = new AnalysisStage(kind, "plugin", "1.0.0", "", _store.Tokenizer, _store.Tokens, inputs, dictionaries[1..], [_store.Model], options, 1);
        var output = Directory.CreateDirectory(Path.Combine(_store.Store.Layout.Work, kind)).FullName;
        using var context = new AnalysisContext(stage, _store.Store, torch.CPU, output, _ => { });
        Assert.Equal(Features, context.Dictionaries[0].FeatureCount);
        var result = AnalysisRunner.Run(analysis, context, output, CancellationToken.None);
        Assert.Null(result.Error);
        Assert.Equal("completed", result.Status);
        var features = context.Features(context.Dictionaries[0]);
        Assert.All(Enumerable.Range(0, Features), feature => Assert.Equal(1, features.Direction(feature).ToArray().Sum(value => value * value), 1e-5));
    }

    [Fact]
    public void Export_HoldsWhatIsKnown()
    {
        using var folder = ForeignFolder.SaeLens(Raw(), "jumprelu").WriteSaeLens();
        var imported = _store.Run(_store.Import(folder.Root));
        var export = _store.Run(new ExportStage(imported, ExportStage.SaeLens));
        Assert.Equal(["cfg.json", "sae_weights.safetensors", "sparsity.safetensors"], _store.Store.ReadManifest(export)!.Files.Select(file => file.Path));
        var result = ResultJson.Read<DictionaryResult>(_store.Store.FileOf(imported, "result.json"));
        var metadata = JsonDocument.Parse(File.ReadAllText(_store.Store.FileOf(export, "cfg.json"))).RootElement.GetProperty("metadata");
        Assert.Equal(_store.Model.Value, metadata.GetProperty("model_name").GetString());
        Assert.Equal(result.L0, metadata.GetProperty("l0").GetDouble());
        Assert.Equal(result.DeadFeatures, metadata.GetProperty("num_dead_features").GetInt32());
        Assert.False(metadata.TryGetProperty("context_size", out _));   // it was trained elsewhere
        using var sparsity = SafetensorsFile.Open(_store.Store.FileOf(export, "sparsity.safetensors"));
        var densities = sparsity.ReadSingle("sparsity").Select(value => Math.Pow(10, value) - 1e-10).ToArray();
        Assert.Equal(result.L0, densities.Sum(), 1e-3);
        Assert.Equal(result.DeadFeatures, densities.Count(density => density < 1e-9));
    }

    [Fact]
    public void Import_OfWhatDoesNotFit_IsRefused()
    {
        using var wide = ForeignFolder.SaeLens(new RawDictionary(Features, TinyStore.MlpDim + 1, TinyStore.MlpDim + 1, 1, _ => 1), "standard").WriteSaeLens();
        Refused(_store.Import(wide.Root), "13", "12", _store.Model.Value);

        using var changed = ForeignFolder.SaeLens(Raw(), "standard").WriteSaeLens();
        var stage = _store.Import(changed.Root);
        File.AppendAllText(changed.File("cfg.json"), " ");
        Refused(stage, "have changed");

        using var plain = ForeignFolder.SaeLens(Raw(), "standard").WriteSaeLens();
        Refused(_store.Import(plain.Root) with { TargetHookPoint = "blocks.0.hook_mlp_out" }, "no transcoder", "blocks.0.hook_mlp_out");
    }

    [Fact]
    public void Import_OfATranscoder_IsMeasuredAgainstItsTarget()
    {
        // Read and written at the same width, so that it can stand anywhere in the MLP's hidden layer.
        using var folder = ForeignFolder.Sparsify(Raw(), transcode: true, skip: true).WriteSparsify();
        Refused(_store.Import(folder.Root, "blocks.0.mlp.hook_pre"), "--target-hook-point");
        var stage = _store.Import(folder.Root, "blocks.0.mlp.hook_pre") with { TargetHookPoint = "blocks.0.mlp.hook_post" };
        var imported = _store.Run(stage);
        using var dictionary = SparseDictionary.Load(_store.Store.Layout.Artefact(imported));
        Assert.Equal(("blocks.0.mlp.hook_pre", "blocks.0.mlp.hook_post"), (dictionary.Site.HookPoint, dictionary.Site.TargetHookPoint));
        var result = ResultJson.Read<DictionaryResult>(_store.Store.FileOf(imported, "result.json"));
        Assert.True(double.IsFinite(result.ExplainedVariance));

        Refused(stage with { TargetHookPoint = "blocks.0.hook_mlp_out" }, "12", "blocks.0.hook_mlp_out");
        Refused(stage with { TargetHookPoint = "blocks.3.mlp.hook_post" }, "blocks.3.mlp.hook_post", "0 to 0");
    }

    [Fact]
    public void HookPoint_IsWhatTheFilesSay_OrWhatIsAskedFor()
    {
        using var silent = ForeignFolder.Sparsify(Raw(), transcode: false, skip: false).WriteSparsify();
        Refused(_store.Import(silent.Root), "--hook-point", "blocks.L.mlp.hook_post", Path.GetFileName(silent.Root));
        using var asked = SparseDictionary.Load(_store.Store.Layout.Artefact(_store.Run(_store.Import(silent.Root, "blocks.0.mlp.hook_post"))));
        Assert.Equal("blocks.0.mlp.hook_post", asked.HookPoint);

        using var elsewhere = ForeignFolder.SaeLens(Raw(), "standard");
        elsewhere.Config["metadata"]!["hook_name"] = "blocks.7.somewhere";
        Refused(_store.Import(elsewhere.WriteSaeLens().Root), "blocks.7.somewhere", "--hook-point");
    }

    private static RawDictionary Raw(int features = Features) => new(features, TinyStore.MlpDim, TinyStore.MlpDim, 1, feature => 0.5 + (feature % 3));

    private void Refused(ImportStage stage, params string[] named)
    {
        var message = Assert.Throws<InvalidDataException>(() => _store.Run(stage)).Message;
        Assert.All(named, name => Assert.Contains(name, message, StringComparison.Ordinal));
        Assert.False(_store.Store.Contains(StageAddress.Of(stage)));
    }
}
