using System.Text.Json.Nodes;
using Orchestrator.Numerics.Interchange;
using Xunit;

namespace Orchestrator.Unit.Numerics.Interchange;

/// <summary>What is not of its form, or cannot be held exactly, is refused with the file, the place, what was found and what is expected.</summary>
public sealed class RefusalTests
{
    private const int Dim = 24;
    private const int Features = 60;

    /// <summary>What is done to a folder of SAELens, and what the message must name.</summary>
    private static readonly Dictionary<string, (string Architecture, Action<ForeignFolder> Change, string[] Named)> SaeLens = new()
    {
        ["unknown architecture"] = ("standard", f => f.Config["architecture"] = "temporal", ["cfg.json", "'architecture'", "'temporal'", "jumprelu"]),
        ["training checkpoint"] = ("topk", f => f.Config["architecture"] = "batchtopk", ["'batchtopk'", "'jumprelu'"]),
        ["no architecture"] = ("standard", f => f.Config.Remove("architecture"), ["'architecture'", "missing"]),
        ["layer norm"] = ("standard", f => f.Config["normalize_activations"] = "layer_norm", ["'normalize_activations'", "'layer_norm'"]),
        ["constant norm"] = ("standard", f => f.Config["normalize_activations"] = "constant_norm_rescale", ["'constant_norm_rescale'"]),
        ["unknown norm"] = ("standard", f => f.Config["normalize_activations"] = "sometimes", ["'sometimes'", "none"]),
        ["scale without its factor"] = ("standard", f => f.Config["normalize_activations"] = "expected_average_only_in", ["expected_average_only_in", "activation_scaler.json"]),
        ["scaled transcoder"] = ("transcoder", f => f.Config["normalize_activations"] = "expected_average_only_in", ["expected_average_only_in", "transcoder"]),
        ["heads joined"] = ("standard", f => f.Config["reshape_activations"] = "hook_z", ["'reshape_activations'", "'hook_z'"]),
        ["one head"] = ("standard", f => f.Config["metadata"]!["hook_head_index"] = 3, ["'metadata.hook_head_index'", "head"]),
        ["no version"] = ("standard", f => f.Config["metadata"]!["sae_lens_version"] = "next", ["'next'", "version"]),
        ["width of another kind"] = ("standard", f => f.Config["d_in"] = "wide", ["'d_in'", "\"wide\"", "whole number"]),
        ["no k"] = ("topk", f => f.Config.Remove("k"), ["'k'", "missing"]),
        ["k over F"] = ("topk", f => f.Config["k"] = Features + 1, ["'k'", "61", "60"]),
        ["no width of the output"] = ("transcoder", f => f.Config.Remove("d_out"), ["'d_out'", "missing"]),
        ["another width"] = ("standard", f => f.Config["d_in"] = Dim + 1, ["sae_weights.safetensors", "'W_enc'", "[24, 60]", "[25, 60]"]),
        ["transposed encoder"] = ("standard", f => f.Set("W_enc", [Features, Dim], f.Tensors["W_enc"].Elements), ["'W_enc'", "[60, 24]", "[24, 60]", "transposed"]),
        ["transposed decoder"] = ("standard", f => f.Set("W_dec", [Dim, Features], f.Tensors["W_dec"].Elements), ["'W_dec'", "[24, 60]", "[60, 24]", "transposed"]),
        ["short bias"] = ("standard", f => f.Set("b_enc", [Features - 1], new float[Features - 1]), ["'b_enc'", "[59]", "[60]"]),
        ["missing tensor"] = ("jumprelu", f => f.Tensors.Remove("threshold"), ["'threshold'", "W_enc"]),
        ["tensor of another architecture"] = ("standard", f => f.Set("threshold", [Features], new float[Features]), ["threshold", "'standard'"]),
        ["NaN"] = ("standard", f => Element(f, "W_dec", 7, float.NaN), ["'W_dec'", "NaN", "element 7"]),
        ["infinity"] = ("standard", f => Element(f, "b_dec", 2, float.NegativeInfinity), ["'b_dec'", "infinite", "element 2"]),
        ["beyond float32"] = ("standard", f => f.Set("b_dec", [Dim], Enumerable.Range(0, Dim).Select(i => i == 5 ? 1e300 : 0.5).ToArray()), ["'b_dec'", "1E+300", "float32"]),
        ["integers"] = ("standard", f => f.Set("b_dec", [Dim], new long[Dim]), ["'b_dec'", "floating-point"]),
        ["negative threshold"] = ("jumprelu", f => Element(f, "threshold", 9, -0.5f), ["'threshold'", "-0.5", "feature 9", "at least 0"]),
        ["fine-tuning"] = ("standard", f => f.Set("scaling_factor", [Features], Enumerable.Repeat(1.5f, Features).ToArray()), ["'scaling_factor'", "fine-tuning"]),
    };

    /// <summary>The same of the flat layout.</summary>
    private static readonly Dictionary<string, (Action<JsonObject> Change, string[] Named)> Old = new()
    {
        ["activation"] = (c => c["activation_fn_str"] = "tanh-relu", ["'activation_fn_str'", "'tanh-relu'", "'relu'"]),
        ["k of another architecture"] = (c => (c["activation_fn_str"], c["activation_fn_kwargs"], c["architecture"]) = ("topk", new JsonObject { ["k"] = 4 }, "gated"), ["'activation_fn_str'", "'gated'"]),
        ["control characters"] = (c => c["hook_point"] = "blocks.0\u001b[2J", ["'hook_point'", "control characters"]),
        ["k"] = (c => (c["activation_fn_str"], c["activation_fn_kwargs"]) = ("topk", new JsonObject()), ["'k'", "missing"]),
        ["scale"] = (c => c["normalize_activations"] = true, ["expected_average_only_in", "activation_scaler.json"]),
        ["heads joined"] = (c => c["hook_point"] = "blocks.5.attn.hook_z", ["hook_z"]),
        ["one head"] = (c => c["hook_point_head_index"] = 0, ["'hook_point_head_index'"]),
    };

    private static readonly Dictionary<string, (string Kind, Action<ForeignFolder> Change, string[] Named)> DictionaryLearning = new()
    {
        ["unknown class"] = ("AutoEncoder", f => f.Config["trainer"]!["dict_class"] = "CrossCoder", ["config.json", "'trainer.dict_class'", "'CrossCoder'", "AutoEncoderTopK"]),
        ["no trainer"] = ("AutoEncoder", f => f.Config.Remove("trainer"), ["'trainer'", "missing"]),
        ["transposed encoder"] = ("AutoEncoder", f => f.Set("encoder.weight", [Dim, Features], f.Tensors["encoder.weight"].Elements), ["ae.pt", "'encoder.weight'", "[24, 60]", "[60, 24]", "transposed"]),
        ["transposed decoder"] = ("AutoEncoder", f => f.Set("decoder.weight", [Features, Dim], f.Tensors["decoder.weight"].Elements), ["'decoder.weight'", "transposed"]),
        ["another size"] = ("AutoEncoder", f => f.Config["trainer"]!["dict_size"] = 61, ["'encoder.bias'", "[60]", "[61]"]),
        ["another class"] = ("AutoEncoder", f => f.Config["trainer"]!["dict_class"] = "GatedAutoEncoder", ["'gate_bias'", "encoder.weight"]),
        ["k over F"] = ("AutoEncoderTopK", f => f.Set("k", [], new[] { 61 }), ["'k'", "61", "60"]),
        ["k of the trainer"] = ("BatchTopKSAE", f => f.Config["trainer"]!["k"] = 7, ["'trainer.k'", "7", "6"]),
        ["negative threshold"] = ("BatchTopKSAE", f => f.Set("threshold", [], new[] { -0.25f }), ["'threshold'", "-0.25"]),
        ["threshold that is no number"] = ("BatchTopKSAE", f => f.Set("threshold", [], new[] { float.NaN }), ["'threshold'", "NaN", "finite"]),
        ["groups"] = ("MatryoshkaBatchTopKSAE", f => f.Set("group_sizes", [2], new long[] { 10, 20 }), ["'group_sizes'", "[10, 20]", "60"]),
        ["NaN"] = ("JumpReluAutoEncoder", f => Element(f, "W_enc", 3, float.NaN), ["'W_enc'", "NaN", "element 3"]),
        ["a tensor too many"] = ("AutoEncoder", f => f.Set("momentum", [1], new float[1]), ["momentum", "AutoEncoder"]),
    };

    private static readonly Dictionary<string, (Action<ForeignFolder> Change, string[] Named)> Sparsify = new()
    {
        ["activation"] = (f => f.Config["activation"] = "groupmax", ["cfg.json", "'activation'", "'groupmax'", "'topk'"]),
        ["signed"] = (f => f.Config["signed"] = true, ["'signed'"]),
        ["skip without transcoding"] = (f => f.Config["skip_connection"] = true, ["'skip_connection'", "transcode"]),
        ["k over F"] = (f => f.Config["k"] = 61, ["'k'", "61", "60"]),
        ["size by expansion"] = (f => f.Config["num_latents"] = 0, ["'encoder.weight'", $"[{32 * Dim}, {Dim}]"]),
        ["transposed decoder"] = (f => f.Set("W_dec", [Dim, Features], f.Tensors["W_dec"].Elements), ["sae.safetensors", "'W_dec'", "transposed"]),
        ["NaN"] = (f => Element(f, "encoder.bias", 1, float.NaN), ["'encoder.bias'", "NaN"]),
    };

    public static TheoryData<string> SaeLensCases() => [.. SaeLens.Keys];

    public static TheoryData<string> OldCases() => [.. Old.Keys];

    public static TheoryData<string> DictionaryLearningCases() => [.. DictionaryLearning.Keys];

    public static TheoryData<string> SparsifyCases() => [.. Sparsify.Keys];

    [Theory]
    [MemberData(nameof(SaeLensCases))]
    public void SaeLens_OfTheWrongForm_IsRefused(string what)
    {
        var (architecture, change, named) = SaeLens[what];
        using var folder = ForeignFolder.SaeLens(Raw(), architecture);
        change(folder);
        RequireNamed(folder.WriteSaeLens(), named);
    }

    [Theory]
    [MemberData(nameof(OldCases))]
    public void SaeLensBefore6_OfTheWrongForm_IsRefused(string what)
    {
        using var folder = ForeignFolder.OldSaeLens(Raw());
        Old[what].Change(folder.Config);
        RequireNamed(folder.WriteSaeLens(), Old[what].Named);
    }

    [Theory]
    [MemberData(nameof(DictionaryLearningCases))]
    public void DictionaryLearning_OfTheWrongForm_IsRefused(string what)
    {
        var (kind, change, named) = DictionaryLearning[what];
        using var folder = ForeignFolder.DictionaryLearning(Raw(), kind);
        change(folder);
        RequireNamed(folder.WriteDictionaryLearning(), named);
    }

    [Theory]
    [MemberData(nameof(SparsifyCases))]
    public void Sparsify_OfTheWrongForm_IsRefused(string what)
    {
        using var folder = ForeignFolder.Sparsify(Raw(), transcode: false, skip: false);
        Sparsify[what].Change(folder);
        RequireNamed(folder.WriteSparsify(), Sparsify[what].Named);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[1]", "a JSON object")]
    public void Config_ThatIsNone_IsRefused(string text, string named)
    {
        using var folder = ForeignFolder.SaeLens(Raw(), "standard").WriteSaeLens();
        File.WriteAllText(folder.File("cfg.json"), text);
        var message = folder.Refusal();
        Assert.Contains("cfg.json", message, StringComparison.Ordinal);
        Assert.Contains(named, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Factor_ThatIsNone_IsRefused()
    {
        using var folder = ForeignFolder.SaeLens(Raw(), "standard");
        folder.Config["normalize_activations"] = "expected_average_only_in";
        folder.WriteSaeLens();
        foreach (var (text, named) in new[] { ("""{"scaling_factor": null}""", "missing"), ("""{"scaling_factor": 0}""", "above 0"), ("""{"scaling_factor": "a"}""", "a number") })
        {
            File.WriteAllText(folder.File("activation_scaler.json"), text);
            var message = folder.Refusal();
            Assert.Contains("activation_scaler.json", message, StringComparison.Ordinal);
            Assert.Contains(named, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("W_enc")]
    [InlineData("W_dec")]
    public void SquareWeight_ThatIsTransposed_IsRefused(string name)
    {
        // As a trained dictionary is: the encoder points along the decoder's directions.
        var raw = new RawDictionary(Dim, Dim, Dim, 1, _ => 1);
        using var folder = ForeignFolder.SaeLens(raw, "standard");
        folder.Set("W_enc", [Dim, Dim], RawDictionary.Transposed([.. raw.Decoder.Zip(raw.Encoder, (decoder, noise) => decoder + (0.5f * noise))], Dim, Dim));
        folder.WriteSaeLens();
        ForeignDictionary.Open(folder.Root).Load("hook").Dispose();
        folder.Set(name, [Dim, Dim], RawDictionary.Transposed((float[])folder.Tensors[name].Elements, Dim, Dim));
        var message = folder.WriteSaeLens().Refusal();
        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
        Assert.Contains("transposed", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_OfNoKnownTool_SaysWhatWasLookedFor()
    {
        using var folder = new ForeignFolder();
        var message = Assert.Throws<InvalidDataException>(() => ForeignDictionary.Open(folder.Root)).Message;
        Assert.All(["sae_weights.safetensors", "SAELens", "ae.pt", "dictionary_learning", "sae.safetensors", "sparsify"], name => Assert.Contains(name, message, StringComparison.Ordinal));
        Assert.Throws<DirectoryNotFoundException>(() => ForeignDictionary.Open(folder.File("nowhere")));
    }

    [Fact]
    public void Folder_OfSeveralTools_IsRefused()
    {
        using var folder = ForeignFolder.SaeLens(Raw(), "standard").WriteSaeLens();
        File.WriteAllText(folder.File("sae.safetensors"), "");
        var message = Assert.Throws<InvalidDataException>(() => ForeignDictionary.Open(folder.Root)).Message;
        Assert.Contains("several tools", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Target_IsGivenWhereThereIsOne()
    {
        using var folder = ForeignFolder.SaeLens(Raw(), "transcoder").WriteSaeLens();
        var transcoder = ForeignDictionary.Open(folder.Root);
        Assert.True(transcoder.HasTarget);
        Assert.Throws<ArgumentException>(() => transcoder.Load("in"));
        using var other = ForeignFolder.SaeLens(Raw(), "standard").WriteSaeLens();
        Assert.Throws<ArgumentException>(() => ForeignDictionary.Open(other.Root).Load("in", "out"));
    }

    private static RawDictionary Raw() => new(Features, Dim, Dim, 1, _ => 1);

    private static void Element(ForeignFolder folder, string name, int index, float value) =>
        ((float[])folder.Tensors[name].Elements)[index] = value;

    private static void RequireNamed(ForeignFolder folder, string[] named)
    {
        var message = folder.Refusal();
        Assert.Contains(folder.Root, message, StringComparison.Ordinal);
        Assert.All(named, name => Assert.Contains(name, message, StringComparison.Ordinal));
    }
}
