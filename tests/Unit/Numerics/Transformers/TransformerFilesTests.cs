using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Transformers;

public sealed class TransformerFilesTests : IDisposable
{
    private static readonly TransformerDefinition Definition = new() { ModelDim = 8, MlpDim = 20, Heads = 2, ContextLength = 6 };

    private readonly string _folder = Directory.CreateTempSubdirectory("transformer").FullName;
    private readonly Transformer _model = TransformerTests.Randomised(Definition);

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Load_GivesBackTheModel()
    {
        _model.Save(_folder);
        using var loaded = Transformer.Load(_folder, CPU);
        using var tokens = tensor(new long[,] { { 1, 2, 3 } });
        using var expected = _model.Logits(tokens);
        using var actual = loaded.Logits(tokens);

        Assert.Equal(Definition, loaded.Definition);
        Assert.Equal(_model.VocabularySize, loaded.VocabularySize);
        Assert.Equal(HostMemory.ToSingles(expected), HostMemory.ToSingles(actual));
    }

    [Fact]
    public void Load_GivesBackTheKindOfModel()
    {
        using var model = TransformerTests.Randomised(Definition with { Activation = "gelu-tanh", Normalisation = "rms-norm", NormEpsilon = 1e-6 });
        model.Save(_folder);
        using var loaded = Transformer.Load(_folder, CPU);

        Assert.Equal(model.Definition, loaded.Definition);
        Assert.Equal(HostMemory.ToSingles(model.Parameter("ln_final.w")), HostMemory.ToSingles(loaded.Parameter("ln_final.w")));
        Assert.DoesNotContain("blocks.0.ln1.b", loaded.ParameterNames);
    }

    [Fact]
    public void Save_WritesKeysAndShapesOfTheLiterature()
    {
        _model.Save(_folder);
        using var file = SafetensorsFile.Open(Path.Combine(_folder, "model.safetensors"));

        Assert.Equal([2, 8, 4], file.Entries["blocks.0.attn.W_Q"].Shape);
        Assert.Equal([2, 4, 8], file.Entries["blocks.0.attn.W_O"].Shape);
        Assert.Equal([8, 20], file.Entries["blocks.0.mlp.W_in"].Shape);
        Assert.Equal([8, 17], file.Entries["unembed.W_U"].Shape);
        Assert.Contains("\"model_dim\": 8", File.ReadAllText(Path.Combine(_folder, "config.json")));
    }

    [Theory]
    [InlineData("\"mlp_dim\": 20", "\"mlp_dim\": 21", "expected [8, 21]")]
    [InlineData("\"layers\": 1", "\"layers\": 2", "no tensor 'blocks.1.")]
    [InlineData("\"heads\": 2", "\"heads\": 3", "cannot be divided")]
    [InlineData("orchestrator-transformer", "something-else", "something-else")]
    [InlineData("{", "[", "config.json")]
    public void Load_NamesTheMismatch(string found, string replaced, string problem)
    {
        _model.Save(_folder);
        var config = Path.Combine(_folder, "config.json");
        var text = File.ReadAllText(config);
        Assert.Contains(found, text);
        File.WriteAllText(config, text.Replace(found, replaced));

        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => Transformer.Load(_folder, CPU)).Message);
    }

    [Fact]
    public void Load_RefusesSurplusTensors()
    {
        _model.Save(_folder);
        using var deeper = TransformerTests.Randomised(Definition with { Layers = 2 });
        var config = File.ReadAllBytes(Path.Combine(_folder, "config.json"));
        deeper.Save(_folder);
        File.WriteAllBytes(Path.Combine(_folder, "config.json"), config);

        Assert.Contains("blocks.1.attn.W_K", Assert.Throws<InvalidDataException>(() => Transformer.Load(_folder, CPU)).Message);
    }

    [Fact]
    public void Load_SaysWhenAFileIsMissing() =>
        Assert.Throws<FileNotFoundException>(() => Transformer.Load(_folder, CPU));
}
