using System.Runtime.InteropServices;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Numerics.Transformers.Import;
using Orchestrator.Unit.Text;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Transformers.Import;

/// <summary>
/// A trained minGPT of three layers that sorts six letters, with the intermediate values of its own implementation
/// (shared/data/models/gpt-nano-sort beside the repository; skipped where that is not).
/// </summary>
public sealed class GptNanoSortTests
{
    private const double Tolerance = 1e-5;

    private static readonly Gpt2Config Config = new()
    {
        Layers = 3,
        Heads = 3,
        ModelDim = 48,
        ContextLength = 11,
        VocabularySize = 3,
        Activation = TransformerDefinition.GeluTanh,
        IsTied = false,
    };

    [Theory]
    [InlineData("blocks.0.hook_resid_pre", "x")]
    [InlineData("blocks.0.hook_attn_out", "yProj")]
    [InlineData("blocks.0.hook_resid_mid", "attnResid")]
    [InlineData("blocks.0.ln2.hook_normalized", "ln2")]
    [InlineData("blocks.0.mlp.hook_pre", "fc")]
    [InlineData("blocks.0.mlp.hook_post", "gelu")]
    [InlineData("blocks.0.hook_mlp_out", "mlp")]
    [InlineData("blocks.0.hook_resid_post", "block0")]
    [InlineData("blocks.1.hook_resid_pre", "block0")]
    [InlineData("blocks.1.hook_resid_post", "block1")]
    [InlineData("blocks.2.hook_resid_post", "block2")]
    public void Stream_ServesTheReferenceActivations(string hookPoint, string reference)
    {
        using var model = Load();
        var partials = Read("gpt-nano-sort-t0-partials.json");
        var at = HookPoint.Parse(hookPoint);

        var served = HarvestedRows.Of(model, at, Contexts(partials));

        HarvestedRows.AssertHold(served, partials[reference].Values.Chunk(model.WidthAt(at)), Tolerance, hookPoint);
    }

    [Theory]
    [InlineData("blocks.0.hook_resid_mid")]
    [InlineData("blocks.1.mlp.hook_post")]
    [InlineData("blocks.2.hook_resid_post")]
    public void Finish_GivesTheReferencePredictions(string hookPoint)
    {
        using var scope = NewDisposeScope();
        using var model = Load();
        var partials = Read("gpt-nano-sort-t0-partials.json");
        var tokens = tensor(partials["idx"].Values.Select(value => (long)value).ToArray()).view(3, 11);
        var state = model.RunToHook(tokens, HookPoint.Parse(hookPoint));

        AssertClose(partials["ln_f"], model.Finish(state, state.Activations));
        AssertClose(partials["lm_head"], model.Logits(tokens));
        AssertClose(partials["probs"], model.Logits(tokens).softmax(2));
    }

    [Fact]
    public void Model_Sorts()
    {
        using var model = Load();
        long[] letters = [2, 0, 1, 1, 0, 2];
        var sorted = new List<long>();
        while (sorted.Count < letters.Length)
        {
            using var scope = NewDisposeScope();
            var logits = model.Logits(tensor(letters.Concat(sorted).ToArray()).unsqueeze(0));   // [1, T, 3]
            sorted.Add(logits[0, logits.shape[1] - 1].argmax().item<long>());
        }

        Assert.Equal(letters.Order(), sorted);
    }

    private static Transformer Load()
    {
        using var scope = NewDisposeScope();
        var tensors = Read("gpt-nano-sort-model.json")
            .ToDictionary(pair => pair.Key, pair => HostMemory.ToTensor(pair.Value.Values, pair.Value.Shape, CPU));
        return Gpt2Importer.FromTensors(Config, tensors, CPU);
    }

    private static int[][] Contexts(Dictionary<string, (long[] Shape, float[] Values)> partials) =>
        [.. Array.ConvertAll(partials["idx"].Values, value => (int)value).Chunk(11)];

    private static void AssertClose((long[] Shape, float[] Values) expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.shape);
        Assert.True(HarvestedRows.Distance(HostMemory.ToSingles(actual), expected.Values) <= Tolerance);
    }

    /// <summary>The file's tensors: shape, type, and base64 of little-endian float32.</summary>
    private static Dictionary<string, (long[] Shape, float[] Values)> Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require($"data/models/gpt-nano-sort/{file}")));
        return document.RootElement.EnumerateObject().Where(property => property.Name != "config").ToDictionary(
            property => property.Name,
            property => (
                property.Value.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64()).ToArray(),
                MemoryMarshal.Cast<byte, float>(property.Value.GetProperty("data").GetBytesFromBase64()).ToArray()));
    }
}
