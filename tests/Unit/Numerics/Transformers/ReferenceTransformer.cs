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
    public double[] Logits(long[] tokens)
    {
        var stream = tokens.Select((token, t) =>
            Enumerable.Range(0, _d).Select(i => W("embed.W_E", token, i, _d) + W("pos_embed.W_pos", t, i, _d)).ToArray()).ToArray();
        for (var layer = 0; layer < model.Definition.Layers; layer++)
        {
            Attend(stream, $"blocks.{layer}.attn", stream.Select(row => Norm(row, $"blocks.{layer}.ln1")).ToArray());
            foreach (var row in stream)
            {
                var hidden = Affine(Norm(row, $"blocks.{layer}.ln2"), $"blocks.{layer}.mlp.W_in", $"blocks.{layer}.mlp.b_in");
                Add(row, Affine([.. hidden.Select(value => Math.Max(0, value))], $"blocks.{layer}.mlp.W_out", $"blocks.{layer}.mlp.b_out"));
            }
        }

        return [.. stream.SelectMany(row => Affine(Norm(row, "ln_final"), "unembed.W_U", "unembed.b_U"))];
    }

    private static void Add(double[] to, double[] what)
    {
        for (var i = 0; i < to.Length; i++)
            to[i] += what[i];
    }

    private void Attend(double[][] stream, string name, double[][] x)
    {
        var k = _d / _heads;
        var bias = Parameters[$"{name}.b_O"];
        foreach (var row in stream)
            Add(row, bias);
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
                        stream[t][i] += mixed * W($"{name}.W_O", (head * k) + c, i, _d);
                }
            }
        }
    }

    private double[][] Project(double[][] x, string name, string letter, int head)
    {
        var k = _d / _heads;
        return [.. x.Select(row => Enumerable.Range(0, k).Select(c =>
            W($"{name}.b_{letter}", head, c, k) + row.Select((value, i) => value * W($"{name}.W_{letter}", (head * _d) + i, c, k)).Sum()).ToArray())];
    }

    private double[] Norm(double[] row, string name)
    {
        var mean = row.Average();
        var deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + 1e-5);
        return [.. row.Select((value, i) => ((value - mean) / deviation * Parameters[$"{name}.w"][i]) + Parameters[$"{name}.b"][i])];
    }

    private double[] Affine(double[] x, string weight, string bias)
    {
        var b = Parameters[bias];
        return [.. b.Select((value, j) => value + x.Select((input, i) => input * W(weight, i, j, b.Length)).Sum())];
    }

    private double W(string name, long row, long column, long columns) => Parameters[name][(int)((row * columns) + column)];
}
