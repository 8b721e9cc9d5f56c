using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;

namespace Orchestrator.Unit.Numerics.Transformers;

/// <summary>The same model in loops over doubles, position by position, straight from the definition.</summary>
internal sealed class ReferenceTransformer(Transformer model)
{
    private readonly int _d = model.Definition.ModelDim;
    private readonly int _heads = model.Definition.Heads;

    /// <summary>The parameters, free to be changed.</summary>
    public Dictionary<string, double[]> Parameters { get; } = model.ParameterNames.ToDictionary(
        name => name, name => Array.ConvertAll(HostMemory.ToSingles(model.Parameter(name)), value => (double)value));

    /// <summary>Mean negative log-likelihood of each token after the first.</summary>
    public double Loss(params long[][] windows) => windows.Average(window =>
        Logits(window[..^1]).Chunk(model.VocabularySize)
            .Select((logits, t) => Math.Log(logits.Sum(Math.Exp)) - logits[window[t + 1]])
            .Average());

    /// <returns>[T, V], row-major.</returns>
    public double[] Logits(long[] tokens) => Logits(tokens, (_, rows) => rows);

    /// <param name="tokens">Of one context.</param>
    /// <param name="hook">Sees what stands at each hook point, [T, D], and says what is to stand there.</param>
    /// <returns>[T, V], row-major.</returns>
    public double[] Logits(long[] tokens, Func<HookPoint, double[][], double[][]> hook)
    {
        var stream = tokens.Select((token, t) =>
            Enumerable.Range(0, _d).Select(i => W("embed.W_E", token, i, _d) + W("pos_embed.W_pos", t, i, _d)).ToArray()).ToArray();
        for (var layer = 0; layer < model.Definition.Layers; layer++)
        {
            var name = $"blocks.{layer}";
            double[][] At(HookPointKind kind, double[][] rows) => hook(new HookPoint(layer, kind), rows);
            stream = At(HookPointKind.ResidPre, stream);
            var written = At(HookPointKind.AttnOut, Attention($"{name}.attn", Array.ConvertAll(stream, row => Norm(row, $"{name}.ln1"))));
            stream = At(HookPointKind.ResidMid, Sum(stream, written));
            var read = At(HookPointKind.Ln2Normalized, Array.ConvertAll(stream, row => Norm(row, $"{name}.ln2")));
            var hidden = At(HookPointKind.MlpPre, Array.ConvertAll(read, row => Affine(row, $"{name}.mlp.W_in", $"{name}.mlp.b_in")));
            hidden = At(HookPointKind.MlpPost, Array.ConvertAll(hidden, row => Array.ConvertAll(row, Activate)));
            written = At(HookPointKind.MlpOut, Array.ConvertAll(hidden, row => Affine(row, $"{name}.mlp.W_out", $"{name}.mlp.b_out")));
            stream = At(HookPointKind.ResidPost, Sum(stream, written));
        }

        return [.. stream.SelectMany(row => Affine(Norm(row, "ln_final"), "unembed.W_U", "unembed.b_U"))];
    }

    private static double[][] Sum(double[][] rows, double[][] others) =>
        [.. rows.Zip(others, (row, other) => row.Zip(other, (a, b) => a + b).ToArray())];

    private double[][] Attention(string name, double[][] x)
    {
        var k = _d / _heads;
        var written = Array.ConvertAll(x, _ => (double[])Parameters[$"{name}.b_O"].Clone());
        for (var head = 0; head < _heads; head++)
        {
            double[][] q = Project(x, name, "Q", head), keys = Project(x, name, "K", head), v = Project(x, name, "V", head);
            for (var t = 0; t < x.Length; t++)
            {
                var weights = Enumerable.Range(0, t + 1).Select(s => Math.Exp(q[t].Zip(keys[s], (a, b) => a * b).Sum() / Math.Sqrt(k))).ToArray();
                for (var c = 0; c < k; c++)
                {
                    var mixed = Enumerable.Range(0, t + 1).Sum(s => weights[s] * v[s][c]) / weights.Sum();
                    for (var i = 0; i < _d; i++)
                        written[t][i] += mixed * W($"{name}.W_O", (head * k) + c, i, _d);
                }
            }
        }

        return written;
    }

    private double[][] Project(double[][] x, string name, string letter, int head)
    {
        var k = _d / _heads;
        return [.. x.Select(row => Enumerable.Range(0, k).Select(c =>
            W($"{name}.b_{letter}", head, c, k) + row.Select((value, i) => value * W($"{name}.W_{letter}", (head * _d) + i, c, k)).Sum()).ToArray())];
    }

    private double[] Norm(double[] row, string name)
    {
        var definition = model.Definition;
        if (definition.Normalisation == TransformerDefinition.RmsNorm)
        {
            var root = Math.Sqrt(row.Average(value => value * value) + definition.NormEpsilon);
            return [.. row.Select((value, i) => value / root * Parameters[$"{name}.w"][i])];
        }

        var mean = row.Average();
        var deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + definition.NormEpsilon);
        return [.. row.Select((value, i) => ((value - mean) / deviation * Parameters[$"{name}.w"][i]) + Parameters[$"{name}.b"][i])];
    }

    private double Activate(double x) => model.Definition.Activation switch
    {
        TransformerDefinition.Relu => Math.Max(0, x),
        TransformerDefinition.Gelu => x * NormalShare(x),
        _ => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
    };

    /// <summary>Φ(x), by its power series, exact to rounding for the small x of tests.</summary>
    private static double NormalShare(double x)
    {
        var (term, sum) = (x, x);
        for (var n = 1; Math.Abs(term) > 1e-18; n++)
        {
            term *= x * x / ((2 * n) + 1);
            sum += term;
        }

        return 0.5 + (sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
    }

    private double[] Affine(double[] x, string weight, string bias)
    {
        var b = Parameters[bias];
        return [.. b.Select((value, j) => value + x.Select((input, i) => input * W(weight, i, j, b.Length)).Sum())];
    }

    private double W(string name, long row, long column, long columns) => Parameters[name][(int)((row * columns) + column)];
}
