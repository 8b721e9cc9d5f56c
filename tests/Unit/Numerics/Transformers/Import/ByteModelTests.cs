using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Unit.Numerics.Harvest;
using Orchestrator.Unit.Text;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Transformers.Import;

/// <summary>
/// A trained byte-level model of two layers with RMSNorms and exact GELUs, in a layout of its own, with reference values of
/// an independent forward pass in doubles (shared/data/models/tinyshakespeare-byte-gelu-2l beside the repository; skipped
/// where that is not).
/// </summary>
public sealed class ByteModelTests
{
    private const double Tolerance = 1e-5;
    private const int Length = 32;

    private static readonly TransformerDefinition Definition = new()
    {
        Layers = 2,
        ModelDim = 64,
        MlpDim = 256,
        Heads = 4,
        ContextLength = Length,
        Activation = TransformerDefinition.Gelu,
        Normalisation = TransformerDefinition.RmsNorm,
    };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Stream_ServesTheReferenceActivations(int layer)
    {
        using var model = Load();
        foreach (var test in Cases().Where(test => test.LastLogits is not null))
        {
            var hookPoint = new HookPoint(layer, HookPointKind.MlpPost);
            var served = HarvestedRows.Of(model, hookPoint, [test.Tokens]);

            HarvestedRows.AssertHold(served, [test.LastActivations[layer]], Tolerance, hookPoint.ToString());
        }
    }

    [Fact]
    public void Logits_AreTheReferences()
    {
        using var model = Load();
        foreach (var test in Cases())
        {
            using var scope = NewDisposeScope();
            var last = model.Logits(Windows([test.Tokens]))[0, Length - 1];
            if (test.LastLogits is not null)
                Assert.True(HarvestedRows.Distance(HostMemory.ToSingles(last), test.LastLogits) <= Tolerance);
            Assert.Equal(test.ExpectedNext, last.argmax().item<long>());
        }
    }

    [Fact]
    public void Losses_HaveTheReferenceMean()
    {
        using var model = Load();
        var contexts = Cases().Select(test => test.Tokens).ToArray();

        // The mean over all predictions within the ten contexts, from the evaluation that stages use.
        var loss = ModelEvaluator.ValidationLoss(model, new TokenArray([.. contexts.SelectMany(tokens => tokens)]), long.MaxValue);

        Assert.Equal(Document().GetProperty("mean_nll_nats_per_byte").GetDouble(), loss, Tolerance);
    }

    [Theory]
    [InlineData("blocks.0.ln2.hook_normalized")]
    [InlineData("blocks.1.mlp.hook_pre")]
    [InlineData("blocks.1.hook_mlp_out")]
    public void Splice_OfTheTrueActivationsKeepsTheLoss(string hookPoint)
    {
        using var scope = NewDisposeScope();
        using var model = Load();
        var windows = Windows([.. Cases().Select(test => test.Tokens)]);
        var state = model.RunToHook(windows, HookPoint.Parse(hookPoint));
        var original = model.Finish(state, state.Activations);

        var kept = model.Splice(state, original, state.Activations, windows);
        var zeroed = model.Splice(state, original, zeros_like(state.Activations), windows);

        Assert.True(allclose(model.TokenLosses(windows), kept.Losses, rtol: 0, atol: Tolerance));
        Assert.All(HostMemory.ToSingles(kept.Divergences), value => Assert.Equal(0, value, Tolerance));
        Assert.True(zeroed.Divergences.mean().item<float>() > 0.05);
    }

    private static Tensor Windows(int[][] contexts) => HostMemory.ToTensor(
        contexts.SelectMany(tokens => tokens).Select(token => (long)token).ToArray(), [contexts.Length, Length], CPU);

    /// <summary>Its Linear weights are [out, in]; heads lie one after another in queries, keys and values.</summary>
    private static Transformer Load()
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(SharedData.Require("data/models/tinyshakespeare-byte-gelu-2l/model.safetensors"));
        Tensor Read(string name) => file.Read(name, CPU);
        var tensors = new Dictionary<string, Tensor>
        {
            ["embed.W_E"] = Read("token_embed.weight"),
            ["pos_embed.W_pos"] = Read("pos_embed.weight"),
            ["ln_final.w"] = Read("ln_final.weight"),
            ["unembed.W_U"] = Read("output.weight").t(),
            ["unembed.b_U"] = Read("output.bias"),
        };
        for (var layer = 0; layer < Definition.Layers; layer++)
        {
            var block = $"blocks.{layer}";
            foreach (var letter in (string[])["Q", "K", "V"])
            {
                var name = $"{block}.attn.w{letter.ToLowerInvariant()}";
                tensors[$"{block}.attn.W_{letter}"] = Read($"{name}.weight").view(4, 16, 64).transpose(1, 2);
                tensors[$"{block}.attn.b_{letter}"] = Read($"{name}.bias").view(4, 16);
            }

            tensors[$"{block}.attn.W_O"] = Read($"{block}.attn.wo.weight").t().reshape(4, 16, 64);
            tensors[$"{block}.attn.b_O"] = Read($"{block}.attn.wo.bias");
            tensors[$"{block}.mlp.W_in"] = Read($"{block}.ff_w1.weight").t();
            tensors[$"{block}.mlp.b_in"] = Read($"{block}.ff_w1.bias");
            tensors[$"{block}.mlp.W_out"] = Read($"{block}.ff_w2.weight").t();
            tensors[$"{block}.mlp.b_out"] = Read($"{block}.ff_w2.bias");
            tensors[$"{block}.ln1.w"] = Read($"{block}.ln1.weight");
            tensors[$"{block}.ln2.w"] = Read($"{block}.ln2.weight");
        }

        return Transformer.FromTensors(Definition, 256, tensors, CPU);
    }

    private static JsonElement Document()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("data/models/tinyshakespeare-byte-gelu-2l/test_vectors.json")));
        return document.RootElement.Clone();
    }

    private static IEnumerable<Case> Cases() => Document().GetProperty("cases").EnumerateArray().Select(test => new Case(
        [.. test.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32())],
        test.GetProperty("expected_next").GetInt64(),
        Singles(test, "last_logits"),
        [Singles(test, "layer0_mlp_post_gelu_last")!, Singles(test, "layer1_mlp_post_gelu_last")!]));

    private static float[]? Singles(JsonElement test, string name) => test.TryGetProperty(name, out var values)
        ? [.. values.EnumerateArray().Select(value => value.GetSingle())]
        : null;

    private sealed record Case(int[] Tokens, long ExpectedNext, float[]? LastLogits, float[][] LastActivations);
}
