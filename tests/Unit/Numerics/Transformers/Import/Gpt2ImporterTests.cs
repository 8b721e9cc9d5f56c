using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Numerics.Transformers.Import;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Transformers.Import;

/// <summary>A model written in every variant of GPT-2's layout is read back to the same predictions; what does not fit is told.</summary>
public sealed class Gpt2ImporterTests : IDisposable
{
    private const string Config = """
        {"model_type": "gpt2", "n_layer": 2, "n_head": 2, "n_embd": 8, "n_positions": 6, "vocab_size": 17, "n_inner": null,
         "activation_function": "gelu_new", "layer_norm_epsilon": 1e-4, "attn_pdrop": 0.1}
        """;

    private static readonly TransformerDefinition Definition = new()
    {
        Layers = 2,
        ModelDim = 8,
        MlpDim = 32,
        Heads = 2,
        ContextLength = 6,
        Activation = TransformerDefinition.GeluTanh,
        NormEpsilon = 1e-4,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("gpt2").FullName;
    private readonly Transformer _model = Tied();

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("transformer.", false)]
    [InlineData("_orig_mod.transformer.", true)]
    [InlineData("transformer.", true)]
    public void Load_GivesTheModel(string prefix, bool isLinear)
    {
        using var scope = NewDisposeScope();
        Write(Config, Layout(prefix, isLinear));
        using var loaded = Gpt2Importer.Load(_folder, CPU);

        Assert.Equal(Definition, loaded.Definition);
        AssertSame(_model, loaded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_TakesATiedHeadWhereItIsSaved(bool isSaved)
    {
        using var scope = NewDisposeScope();
        var tensors = Layout("transformer.", isLinear: false);
        if (isSaved)
            tensors["lm_head.weight"] = tensors["transformer.wte.weight"];
        else
            tensors.Remove("lm_head.weight");
        Write(Config, tensors);
        using var loaded = Gpt2Importer.Load(_folder, CPU);

        Assert.Equal(HostMemory.ToSingles(loaded.Parameter("embed.W_E").t()), HostMemory.ToSingles(loaded.Parameter("unembed.W_U")));
    }

    [Fact]
    public void Load_TakesAHeadOfItsOwn()
    {
        using var scope = NewDisposeScope();
        var tensors = Layout("transformer.", isLinear: false);
        tensors["lm_head.weight"] = randn(17, 8);
        Write(Config.Replace("\"n_inner\"", "\"tie_word_embeddings\": false, \"n_inner\""), tensors);
        using var loaded = Gpt2Importer.Load(_folder, CPU);

        Assert.Equal(HostMemory.ToSingles(tensors["lm_head.weight"].t()), HostMemory.ToSingles(loaded.Parameter("unembed.W_U")));
    }

    [Fact]
    public void Load_PassesTheCausalMaskBy()
    {
        using var scope = NewDisposeScope();
        var tensors = Layout("transformer.", isLinear: false);
        tensors["transformer.h.0.attn.bias"] = ones(6, 6).tril().view(1, 1, 6, 6).to(ScalarType.Byte);
        tensors["transformer.h.0.attn.masked_bias"] = full([], -1e4f);
        Write(Config, tensors);
        using var loaded = Gpt2Importer.Load(_folder, CPU);

        AssertSame(_model, loaded);
    }

    [Fact]
    public void Load_GivesANanoGptWithoutBiases()
    {
        using var scope = NewDisposeScope();
        var tensors = Layout("transformer.", isLinear: true);
        foreach (var name in tensors.Keys.Where(name => name.EndsWith(".bias", StringComparison.Ordinal)).ToArray())
            tensors.Remove(name);
        Write("""{"n_layer": 2, "n_head": 2, "n_embd": 8, "block_size": 6, "vocab_size": 17, "bias": false, "dropout": 0.0, "activation_function": "gelu"}""", tensors);
        using var loaded = Gpt2Importer.Load(_folder, CPU);

        Assert.Equal(TransformerDefinition.Gelu, loaded.Definition.Activation);
        Assert.All(loaded.ParameterNames.Where(name => name.Contains(".b")), name => Assert.All(HostMemory.ToSingles(loaded.Parameter(name)), value => Assert.Equal(0, value)));
        Assert.Equal(HostMemory.ToSingles(_model.Parameter("blocks.1.attn.W_V")), HostMemory.ToSingles(loaded.Parameter("blocks.1.attn.W_V")));
    }

    [Fact]
    public void Load_WidensHalves()
    {
        using var scope = NewDisposeScope();
        Write(Config, Layout("", isLinear: false).ToDictionary(pair => pair.Key, pair => pair.Value.to(ScalarType.BFloat16)));
        using var loaded = Gpt2Importer.Load(_folder, CPU);
        var expected = _model.Parameter("blocks.0.mlp.W_in").to(ScalarType.BFloat16).to(ScalarType.Float32);

        Assert.Equal(HostMemory.ToSingles(expected), HostMemory.ToSingles(loaded.Parameter("blocks.0.mlp.W_in")));
    }

    [Theory]
    [InlineData("\"n_layer\": 2", "\"n_layer\": 3", "'h.2.ln_1.weight' [8] is missing")]
    [InlineData("\"n_layer\": 2", "\"n_layer\": 1", "'h.1.mlp.c_proj.weight' is surplus")]
    [InlineData("\"n_embd\": 8", "\"n_embd\": 16", "'wte.weight' has shape [17, 8], expected [17, 16]")]
    [InlineData("\"n_head\": 2", "\"n_head\": 3", "cannot be divided")]
    [InlineData("\"n_inner\": null", "\"n_inner\": 16", "'h.0.mlp.c_fc.weight' has shape [8, 32], expected [8, 16]")]
    [InlineData("\"n_positions\": 6", "\"n_positions\": 7", "'wpe.weight' has shape [6, 8], expected [7, 8]")]
    [InlineData("\"n_positions\": 6, ", "", "n_positions is missing")]
    [InlineData("\"vocab_size\": 17", "\"vocab_size\": -1", "vocab_size is -1")]
    [InlineData("gelu_new", "quick_gelu", "activation_function is 'quick_gelu', known: relu, gelu, gelu_new")]
    [InlineData("\"model_type\": \"gpt2\"", "\"model_type\": \"gpt_bigcode\"", "model_type is 'gpt_bigcode'")]
    [InlineData("\"model_type\": \"gpt2\", ", "\"scale_attn_by_inverse_layer_idx\": true, ", "scale_attn_by_inverse_layer_idx is true")]
    [InlineData("\"model_type\": \"gpt2\", ", "\"scale_attn_weights\": false, ", "scale_attn_weights is false")]
    [InlineData("\"model_type\": \"gpt2\", ", "\"bias\": false, ", "'h.0.attn.c_attn.bias' is surplus")]
    [InlineData("\"model_type\": \"gpt2\", ", "\"bias\": \"no\", ", "bias is \"no\", expected true or false")]
    [InlineData("\"model_type\": \"gpt2\"", "\"tie_word_embeddings\": true", "'lm_head.weight' differs from 'wte.weight'")]
    [InlineData("{", "[", "is not JSON")]
    public void Load_TellsWhatDoesNotFit(string right, string wrong, string problem)
    {
        using var scope = NewDisposeScope();
        Assert.Contains(right, Config);
        var tensors = Layout("transformer.", isLinear: false);
        if (wrong.Contains("tie_word_embeddings"))
            tensors["lm_head.weight"] = randn(17, 8);
        Write(Config.Replace(right, wrong), tensors);

        var message = Assert.Throws<InvalidDataException>(() => Gpt2Importer.Load(_folder, CPU)).Message;

        Assert.Contains(problem, message);
        Assert.Contains(_folder, message);
    }

    [Fact]
    public void Load_DoesNotGuessAnActivation()
    {
        using var scope = NewDisposeScope();
        Write(Config.Replace("\"activation_function\": \"gelu_new\", ", "").Replace("\"gpt2\"", "\"gpt-nano\""), Layout("", isLinear: true));

        Assert.Contains("activation_function is missing", Assert.Throws<InvalidDataException>(() => Gpt2Importer.Load(_folder, CPU)).Message);
    }

    [Fact]
    public void Load_NamesEverythingThatIsWrong()
    {
        using var scope = NewDisposeScope();
        var tensors = Layout("transformer.", isLinear: false);
        tensors["transformer.h.0.attn.c_proj.weight"] = zeros(8, 9);
        tensors["transformer.h.1.ln_2.bias"] = zeros(8, ScalarType.Int64);
        tensors["transformer.h.1.attn.bias"] = ones(1, 1, 6, 6); // sees the future
        tensors["transformer.h.0.crossattention.c_attn.weight"] = zeros(1);
        tensors["wte.weight"] = tensors["transformer.wte.weight"];
        tensors.Remove("transformer.ln_f.weight");
        Write(Config, tensors);

        var message = Assert.Throws<InvalidDataException>(() => Gpt2Importer.Load(_folder, CPU)).Message;

        foreach (var problem in (string[])
            [
                "'h.0.attn.c_proj.weight' has shape [8, 9], expected [8, 8]", "'h.1.ln_2.bias' holds Int64", "'h.1.attn.bias' is not the causal mask",
                "'h.0.crossattention.c_attn.weight' is surplus", "'wte.weight' is there twice", "'ln_f.weight' [8] is missing",
            ])
            Assert.Contains(problem, message);
    }

    [Fact]
    public void Load_RefusesLayoutsThatAreMixed()
    {
        using var scope = NewDisposeScope();
        var tensors = Layout("", isLinear: false);
        tensors["h.1.mlp.c_fc.weight"] = tensors["h.1.mlp.c_fc.weight"].t().contiguous();
        Write(Config, tensors);

        Assert.Contains("'h.1.mlp.c_fc.weight' has shape [32, 8], expected [8, 32]", Assert.Throws<InvalidDataException>(() => Gpt2Importer.Load(_folder, CPU)).Message);
    }

    [Fact]
    public void Load_SaysWhenFilesAreMissing()
    {
        Assert.Throws<FileNotFoundException>(() => Gpt2Importer.Load(_folder, CPU));
        File.WriteAllText(Path.Combine(_folder, "config.json"), Config);
        Assert.Throws<FileNotFoundException>(() => Gpt2Importer.Load(_folder, CPU));
        File.WriteAllText(Path.Combine(_folder, "model.safetensors.index.json"), "{}");
        Assert.Contains("in several files", Assert.Throws<FileNotFoundException>(() => Gpt2Importer.Load(_folder, CPU)).Message);
    }

    private static void AssertSame(Transformer expected, Transformer actual)
    {
        using var scope = NewDisposeScope();
        var tokens = tensor(new long[,] { { 1, 2, 3, 4, 5, 6 }, { 7, 16, 9, 10, 0, 12 } });
        Assert.Equal(HostMemory.ToSingles(expected.Logits(tokens)), HostMemory.ToSingles(actual.Logits(tokens)));
    }

    private void Write(string config, Dictionary<string, Tensor> tensors)
    {
        var writer = new SafetensorsWriter();
        foreach (var (name, tensor) in tensors)
            writer.Add(name, tensor);
        writer.Write(Path.Combine(_folder, "model.safetensors"));
        File.WriteAllText(Path.Combine(_folder, "config.json"), config);
    }

    /// <summary>The model's tensors under GPT-2's names, its tied head included.</summary>
    private Dictionary<string, Tensor> Layout(string prefix, bool isLinear)
    {
        var tensors = new Dictionary<string, Tensor>
        {
            [$"{prefix}wte.weight"] = Get("embed.W_E"),
            [$"{prefix}wpe.weight"] = Get("pos_embed.W_pos"),
            [$"{prefix}ln_f.weight"] = Get("ln_final.w"),
            [$"{prefix}ln_f.bias"] = Get("ln_final.b"),
            [prefix.StartsWith('_') ? "_orig_mod.lm_head.weight" : "lm_head.weight"] = Get("embed.W_E"),
        };
        for (var layer = 0; layer < Definition.Layers; layer++)
        {
            var (to, from) = ($"{prefix}h.{layer}", $"blocks.{layer}");
            string[] parts = ["Q", "K", "V"];
            tensors[$"{to}.ln_1.weight"] = Get($"{from}.ln1.w");
            tensors[$"{to}.ln_1.bias"] = Get($"{from}.ln1.b");
            tensors[$"{to}.ln_2.weight"] = Get($"{from}.ln2.w");
            tensors[$"{to}.ln_2.bias"] = Get($"{from}.ln2.b");
            tensors[$"{to}.attn.c_attn.weight"] = Weight(cat([.. parts.Select(part => Get($"{from}.attn.W_{part}").transpose(0, 1).reshape(8, 8))], 1));
            tensors[$"{to}.attn.c_attn.bias"] = cat([.. parts.Select(part => Get($"{from}.attn.b_{part}").view(8))], 0);
            tensors[$"{to}.attn.c_proj.weight"] = Weight(Get($"{from}.attn.W_O").view(8, 8));
            tensors[$"{to}.attn.c_proj.bias"] = Get($"{from}.attn.b_O");
            tensors[$"{to}.mlp.c_fc.weight"] = Weight(Get($"{from}.mlp.W_in"));
            tensors[$"{to}.mlp.c_fc.bias"] = Get($"{from}.mlp.b_in");
            tensors[$"{to}.mlp.c_proj.weight"] = Weight(Get($"{from}.mlp.W_out"));
            tensors[$"{to}.mlp.c_proj.bias"] = Get($"{from}.mlp.b_out");
        }

        return tensors;

        Tensor Get(string name) => _model.Parameter(name);
        Tensor Weight(Tensor weight) => isLinear ? weight.t().contiguous() : weight;
    }

    /// <summary>A model with a tied head and no bias of the unembedding, as GPT-2's are.</summary>
    private static Transformer Tied()
    {
        using var noGradient = no_grad();
        var model = TransformerTests.Randomised(Definition);
        using var embedding = model.Parameter("embed.W_E").t();
        model.Parameter("unembed.W_U").copy_(embedding);
        model.Parameter("unembed.b_U").zero_();
        return model;
    }
}
