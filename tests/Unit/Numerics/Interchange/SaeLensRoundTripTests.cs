using System.Text.Json;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Interchange;
using Orchestrator.Numerics.Interchange.SaeLens;
using Orchestrator.Unit.Numerics.Dictionaries;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Interchange;

/// <summary>A dictionary of ours, written for SAELens and read again.</summary>
public sealed class SaeLensRoundTripTests
{
    private const int Dim = 40;
    private const int Features = 90;

    [Theory]
    [InlineData("standard", "standard")]
    [InlineData("standard-no-pre-bias", "standard")]
    [InlineData("top-k", "topk")]
    [InlineData("batch-top-k", "jumprelu")]
    [InlineData("matryoshka", "jumprelu")]
    [InlineData("jump-relu", "jumprelu")]
    [InlineData("gated", "gated")]
    [InlineData("transcoder", "transcoder")]
    [InlineData("transcoder+skip", "skip_transcoder")]
    [InlineData("transcoder+thresholds", "jumprelu_transcoder")]
    public void ExportAndImport_GiveTheSameBits(string kind, string architecture)
    {
        using var dictionary = Arranged(kind);
        using var folder = new TemporaryFolder();
        SaeLensExport.Write(dictionary, new DictionaryFacts(), folder.Path);
        Assert.Equal(architecture, Config(folder).GetProperty("architecture").GetString());
        var foreign = ForeignDictionary.Open(folder.Path);
        Assert.Equal(dictionary.HookPoint, foreign.HookPoint);
        Assert.Equal(dictionary.Site.TargetHookPoint, foreign.TargetHookPoint);
        using var imported = foreign.Load(dictionary.HookPoint, dictionary.Site.TargetHookPoint);
        Assert.True(imported.HasUnitRows);
        Assert.Equal(dictionary.HasPreBias, imported.HasPreBias);
        var (before, after) = (Computed.Of(dictionary, 300), Computed.Of(imported, 300));
        Assert.Equal(before.Activations, after.Activations);
        Assert.Equal(before.Reconstructions, after.Reconstructions);
        Assert.InRange(before.Activations.Count(value => value > 0), 100, (300 * Features) - 100);
    }

    [Fact]
    public void Export_OfATranscoderByK_IsRefusedByName()
    {
        using var dictionary = Arranged("transcoder+k");
        using var folder = new TemporaryFolder();
        var message = Assert.Throws<InvalidDataException>(() => SaeLensExport.Write(dictionary, new DictionaryFacts(), folder.Path)).Message;
        Assert.Contains("no transcoder by k", message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Export_HasTheLayoutOfSaeLens()
    {
        using var dictionary = Arranged("batch-top-k");
        using var folder = new TemporaryFolder();
        SaeLensExport.Write(dictionary, new DictionaryFacts { ModelName = "model-1", ContextLength = 64, PrependsBeginning = false, L0 = 6.5, DeadFeatures = 3 }, folder.Path);
        using (var file = SafetensorsFile.Open(Path.Combine(folder.Path, "sae_weights.safetensors")))
        {
            Assert.Equal(["W_dec", "W_enc", "b_dec", "b_enc", "threshold"], file.Entries.Keys.Order(StringComparer.Ordinal));
            Assert.All(file.Entries.Values, entry => Assert.Equal(SafetensorsType.F32, entry.Type));
            Assert.Equal([Dim, Features], file.Entries["W_enc"].Shape);
            Assert.Equal([Features, Dim], file.Entries["W_dec"].Shape);
            Assert.All(file.ReadSingle("threshold"), value => Assert.Equal((float)dictionary.Threshold, value));
        }

        var config = Config(folder);
        Assert.Equal(Dim, config.GetProperty("d_in").GetInt32());
        Assert.Equal(Features, config.GetProperty("d_sae").GetInt32());
        Assert.Equal("float32", config.GetProperty("dtype").GetString());
        Assert.True(config.GetProperty("apply_b_dec_to_input").GetBoolean());
        Assert.Equal("none", config.GetProperty("normalize_activations").GetString());
        Assert.Equal("none", config.GetProperty("reshape_activations").GetString());
        var metadata = config.GetProperty("metadata");
        Assert.True(Version.Parse(metadata.GetProperty("sae_lens_version").GetString()!).Major >= 6);
        Assert.Equal(JsonValueKind.Null, metadata.GetProperty("sae_lens_training_version").ValueKind);
        Assert.Equal("batchtopk", metadata.GetProperty("training_architecture").GetString());
        Assert.Equal("model-1", metadata.GetProperty("model_name").GetString());
        Assert.Equal(64, metadata.GetProperty("context_size").GetInt32());
        Assert.False(metadata.GetProperty("prepend_bos").GetBoolean());
        Assert.Equal(6.5, metadata.GetProperty("l0").GetDouble());
        Assert.Equal(3, metadata.GetProperty("num_dead_features").GetInt32());
        Assert.False(File.Exists(Path.Combine(folder.Path, "sparsity.safetensors")));
    }

    [Fact]
    public void Export_OfWhatIsNotKnown_DoesNotSayIt()
    {
        using var dictionary = Arranged("standard");
        using var folder = new TemporaryFolder();
        SaeLensExport.Write(dictionary, new DictionaryFacts(), folder.Path);
        var metadata = Config(folder).GetProperty("metadata");
        Assert.All(["model_name", "context_size", "prepend_bos", "l0", "num_dead_features", "hook_name_out", "dataset_path"], key => Assert.False(metadata.TryGetProperty(key, out _), key));
    }

    [Fact]
    public void Export_OfTopK_HasItsK_AndRanksActivationsAsTheyAre()
    {
        using var dictionary = Arranged("top-k");
        using var folder = new TemporaryFolder();
        SaeLensExport.Write(dictionary, new DictionaryFacts(), folder.Path);
        Assert.Equal(6, Config(folder).GetProperty("k").GetInt32());
        Assert.False(Config(folder).GetProperty("rescale_acts_by_decoder_norm").GetBoolean());
    }

    [Fact]
    public void Sparsity_IsTheLogarithmOfDensities()
    {
        using var dictionary = Arranged("standard");
        using var folder = new TemporaryFolder();
        var densities = Enumerable.Range(0, Features).Select(feature => feature == 0 ? 0 : feature / 1000.0).ToArray();
        SaeLensExport.Write(dictionary, new DictionaryFacts { Densities = densities }, folder.Path);
        using var file = SafetensorsFile.Open(Path.Combine(folder.Path, "sparsity.safetensors"));
        var sparsity = file.ReadSingle("sparsity");
        Assert.Equal(Features, sparsity.Length);
        Assert.Equal(-10, sparsity[0], 1e-5);
        Assert.Equal(-2, sparsity[10], 1e-5);
        Assert.Throws<ArgumentException>(() => SaeLensExport.Write(dictionary, new DictionaryFacts { Densities = [1] }, folder.Path));
    }

    private static JsonElement Config(TemporaryFolder folder) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, "cfg.json"))).RootElement;

    /// <summary>A dictionary in which every parameter matters.</summary>
    private static SparseDictionary Arranged(string kind)
    {
        var definition = Probe.Of(kind, Features, batch: 8, steps: 1);
        var dictionary = new SparseDictionary(definition, Probe.Site(definition, Dim)) { Threshold = 0.45 };
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        dictionary.EncoderWeight.copy_(Probe.Gaussian(1, Features, Dim).mul_(0.2));
        dictionary.DecoderBias.copy_(Probe.Gaussian(4, dictionary.OutputDim).mul_(0.3));
        dictionary.SkipWeight?.copy_(Probe.Gaussian(6, dictionary.OutputDim, Dim).mul_(0.1));
        foreach (var (name, seed) in dictionary.VectorNames.Zip(new ulong[] { 3, 8, 9 }))
        {
            var values = Probe.Gaussian(seed, Features).mul_(0.1);
            dictionary.Vector(name).copy_(name == "threshold" ? values.abs().add_(0.3) : values);
        }

        return dictionary;
    }
}
