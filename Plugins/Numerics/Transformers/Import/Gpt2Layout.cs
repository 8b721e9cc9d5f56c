using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers.Import;

/// <summary>
/// Every tensor of GPT-2's layout. Weights are those of Conv1D layers, [in, out] (Hugging Face), or of Linear layers,
/// [out, in] (minGPT, nanoGPT). Legend: d residual width, m hidden width, h heads of width k, T positions, V vocabulary.
/// </summary>
internal sealed class Gpt2Layout(Gpt2Config config, bool isLinear)
{
    private readonly long _d = config.ModelDim;
    private readonly long _m = config.MlpDim ?? (4 * config.ModelDim);
    private readonly long _heads = config.Heads;

    /// <summary>The tensor whose shape tells a Linear layer from a Conv1D: no width is three times itself.</summary>
    public const string Telling = "h.0.attn.c_attn.weight";

    /// <summary>The unembedding, which a tied model need not have.</summary>
    public Gpt2Tensor Head => new("lm_head.weight", [config.VocabularySize, _d], ("unembed.W_U", tensor => tensor.t()));

    /// <summary>All that every model has.</summary>
    public IEnumerable<Gpt2Tensor> Tensors
    {
        get
        {
            yield return new("wte.weight", [config.VocabularySize, _d], ("embed.W_E", Same));
            yield return new("wpe.weight", [config.ContextLength, _d], ("pos_embed.W_pos", Same));
            foreach (var tensor in Enumerable.Range(0, config.Layers).SelectMany(Block).Concat(Norm("ln_f", "ln_final")))
                yield return tensor;
        }
    }

    /// <summary>The shape of <see cref="Telling"/> in a file of Linear layers.</summary>
    public static long[] LinearShape(Gpt2Config config) => [3L * config.ModelDim, config.ModelDim];

    private static Tensor Same(Tensor tensor) => tensor;

    private IEnumerable<Gpt2Tensor> Block(int layer)
    {
        var (from, to) = ($"h.{layer}", $"blocks.{layer}");
        return Norm($"{from}.ln_1", $"{to}.ln1")
            .Concat(Norm($"{from}.ln_2", $"{to}.ln2"))
            .Concat(Attention($"{from}.attn", $"{to}.attn"))
            .Concat(Layer($"{from}.attn.c_proj", _d, _d,
                ($"{to}.attn.W_O", weight => weight.reshape(_heads, _d / _heads, _d)), ($"{to}.attn.b_O", Same)))
            .Concat(Layer($"{from}.mlp.c_fc", _d, _m, ($"{to}.mlp.W_in", Same), ($"{to}.mlp.b_in", Same)))
            .Concat(Layer($"{from}.mlp.c_proj", _m, _d, ($"{to}.mlp.W_out", Same), ($"{to}.mlp.b_out", Same)));
    }

    /// <summary>Queries, keys and values of all heads in one layer, in that order.</summary>
    private IEnumerable<Gpt2Tensor> Attention(string from, string to)
    {
        var k = _d / _heads;
        string[] letters = ["Q", "K", "V"];
        yield return Weight($"{from}.c_attn", _d, 3 * _d, [.. letters.Select((letter, part) => ($"{to}.W_{letter}",
            (Func<Tensor, Tensor>)(weight => weight.narrow(1, part * _d, _d).reshape(_d, _heads, k).permute(1, 0, 2))))]);
        if (config.HasBiases)
        {
            yield return new($"{from}.c_attn.bias", [3 * _d], [.. letters.Select((letter, part) => ($"{to}.b_{letter}",
                (Func<Tensor, Tensor>)(bias => bias.narrow(0, part * _d, _d).reshape(_heads, k))))]);
        }
    }

    private IEnumerable<Gpt2Tensor> Norm(string from, string to)
    {
        yield return new($"{from}.weight", [_d], ($"{to}.w", Same));
        if (config.HasBiases)
            yield return new($"{from}.bias", [_d], ($"{to}.b", Same));
    }

    private IEnumerable<Gpt2Tensor> Layer(
        string from, long inputs, long outputs, (string Key, Func<Tensor, Tensor> Of) weight, (string Key, Func<Tensor, Tensor> Of) bias)
    {
        yield return Weight(from, inputs, outputs, weight);
        if (config.HasBiases)
            yield return new($"{from}.bias", [outputs], bias);
    }

    /// <param name="parameters">Made of the weight as [in, out].</param>
    private Gpt2Tensor Weight(string from, long inputs, long outputs, params (string Key, Func<Tensor, Tensor> Of)[] parameters) => isLinear
        ? new($"{from}.weight", [outputs, inputs], Array.ConvertAll(parameters, parameter =>
            (parameter.Key, (Func<Tensor, Tensor>)(tensor => parameter.Of(tensor.t())))))
        : new($"{from}.weight", [inputs, outputs], parameters);
}
