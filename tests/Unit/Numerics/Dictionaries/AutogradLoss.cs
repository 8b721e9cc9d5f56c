using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>
/// The losses of all architectures as one writes them over dense matrices for automatic differentiation, in float64; the
/// independent reference of the steps. Selections by rank are made number by number.
/// </summary>
internal static class AutogradLoss
{
    /// <summary>Gradients by parameter; the decoder's without its component along each row.</summary>
    /// <param name="x">[B, D].</param>
    /// <param name="target">[B, D_out].</param>
    /// <param name="penalty">λ or λ₀.</param>
    /// <param name="isDead">Which features count as dead, [F].</param>
    /// <param name="encoderProduct">Of [B, D] and [D, F], in place of an exact one; differentiated as if it were exact.</param>
    public static (Dictionary<string, Tensor> Gradients, double Loss) Of(
        SparseDictionary dictionary, Tensor x, Tensor target, double penalty, bool[] isDead, Func<Tensor, Tensor, Tensor>? encoderProduct = null)
    {
        var leaves = new Dictionary<string, Tensor>
        {
            ["W_enc"] = Leaf(dictionary.EncoderWeight),
            ["W_dec"] = Leaf(dictionary.DecoderWeight),
            ["b_dec"] = Leaf(dictionary.DecoderBias),
        };
        if (dictionary.SkipWeight is not null) leaves["W_skip"] = Leaf(dictionary.SkipWeight);
        foreach (var name in dictionary.VectorNames) leaves[name] = Leaf(dictionary.Vector(name));
        var loss = new Formulas(dictionary, leaves, Double(x), Double(target), penalty, isDead, encoderProduct).Loss();
        loss.backward();
        using var noGradient = no_grad();
        var gradients = leaves.ToDictionary(leaf => leaf.Key, leaf => leaf.Value.grad is { } gradient ? gradient : zeros_like(leaf.Value));
        var decoder = leaves["W_dec"];
        gradients["W_dec"] = gradients["W_dec"] - ((gradients["W_dec"] * decoder).sum(dim: 1L, keepdim: true) * decoder);
        return (gradients, loss.item<double>());
    }

    private static Tensor Leaf(Tensor tensor) => Double(tensor).requires_grad_();

    private static Tensor Double(Tensor tensor) => tensor.detach().to(ScalarType.Float64).clone();

    private sealed class Formulas(
        SparseDictionary dictionary, Dictionary<string, Tensor> p, Tensor x, Tensor target, double penalty, bool[] isDead,
        Func<Tensor, Tensor, Tensor>? encoderProduct)
    {
        private DictionaryDefinition Definition => dictionary.Definition;

        public Tensor Loss()
        {
            var rows = dictionary.HasPreBias ? x - p["b_dec"] : x;
            var z = rows.mm(p["W_enc"].t());                                            // [B, F]
            if (encoderProduct is not null) z = z + (encoderProduct(rows, p["W_enc"].t()) - z).detach();
            return Definition.Architecture switch
            {
                "gated" => Gated(z),
                "jump-relu" => JumpRelu(z),
                _ when Definition.HasThresholds is true => JumpRelu(z),
                "matryoshka" => Matryoshka(z + p["b_enc"]),
                _ when Definition.K is null => Standard(z + p["b_enc"]),
                "batch-top-k" => Ranked(z + p["b_enc"], InBatch((z + p["b_enc"]).detach())),
                _ => Ranked(z + p["b_enc"], InToken((z + p["b_enc"]).detach(), Definition.K!.Value)),
            };
        }

        private Tensor Standard(Tensor pre)
        {
            var f = nn.functional.relu(pre);
            return Error(Decoded(f)) + (f.sum(dim: 1L).mean() * penalty);
        }

        private Tensor Ranked(Tensor pre, Tensor mask)
        {
            var reconstruction = Decoded(nn.functional.relu(pre) * mask);
            return Error(reconstruction) + Auxiliary(pre, reconstruction);
        }

        private Tensor Matryoshka(Tensor pre)
        {
            var f = nn.functional.relu(pre) * InBatch(pre.detach());
            var loss = zeros([], ScalarType.Float64);
            Tensor reconstruction = p["b_dec"];
            foreach (var fraction in Definition.GroupFractions!)
            {
                var end = (long)Math.Ceiling(fraction * dictionary.FeatureCount);
                reconstruction = f.narrow(1, 0, end).mm(p["W_dec"].narrow(0, 0, end)) + p["b_dec"];
                loss = loss + (Error(reconstruction) / Definition.GroupFractions.Count);
            }

            return loss + Auxiliary(pre, reconstruction);
        }

        private Tensor JumpRelu(Tensor z)
        {
            var pre = z + p["b_enc"];
            var threshold = p["threshold"];
            var width = Definition.Bandwidth!.Value;
            var value = pre.detach();
            var isOpen = (value > threshold.detach()).to(ScalarType.Float64);
            var isNear = ((value - threshold.detach()).abs() < width / 2).to(ScalarType.Float64);
            var moved = threshold - threshold.detach();   // 0, with the gradient of the threshold
            var f = (pre * isOpen) - (isNear * threshold.detach() / width * moved);
            var open = isOpen - (isNear / width * moved);
            return Error(Decoded(f)) + (open.sum(dim: 1L).mean() * penalty);
        }

        private Tensor Gated(Tensor z)
        {
            var gate = z + p["b_gate"];
            var isOpen = (gate.detach() > 0).to(ScalarType.Float64);
            var f = nn.functional.relu((z * p["r_mag"].exp()) + p["b_mag"]) * isOpen;
            var opening = nn.functional.relu(gate);
            var frozen = opening.mm(p["W_dec"].detach()) + p["b_dec"].detach();
            return Error(Decoded(f)) + (opening.sum(dim: 1L).mean() * penalty) + Error(frozen);
        }

        private Tensor Auxiliary(Tensor pre, Tensor reconstruction)
        {
            if (Definition.AuxK is not { } auxK || !isDead.Contains(true)) return zeros([], ScalarType.Float64);
            var dead = tensor(isDead);
            var candidates = where(dead, pre, full_like(pre, double.NegativeInfinity));
            var f = nn.functional.relu(where(dead, pre, zeros_like(pre))) * InToken(candidates.detach(), auxK.FeaturesFor(dictionary.OutputDim));
            var residual = (target - reconstruction).detach();
            return (f.mm(p["W_dec"]) - residual).square().mean() * auxK.Coefficient;
        }

        private Tensor Decoded(Tensor f)
        {
            var decoded = f.mm(p["W_dec"]) + p["b_dec"];
            return p.TryGetValue("W_skip", out var skip) ? decoded + x.mm(skip.t()) : decoded;
        }

        private Tensor Error(Tensor reconstruction) => (reconstruction - target).square().mean();

        private static Tensor InToken(Tensor values, int k)
        {
            var mask = new double[values.shape[0], values.shape[1]];
            for (var token = 0; token < values.shape[0]; token++)
            {
                var row = values[token].data<double>().ToArray();
                foreach (var feature in Enumerable.Range(0, row.Length).OrderByDescending(i => row[i]).ThenBy(i => i).Take(k)) mask[token, feature] = 1;
            }

            return tensor(mask);
        }

        private Tensor InBatch(Tensor values)
        {
            var (rows, columns) = (values.shape[0], values.shape[1]);
            var all = values.reshape(-1).data<double>().ToArray();
            var mask = new double[rows, columns];
            foreach (var at in Enumerable.Range(0, all.Length).OrderByDescending(i => all[i]).ThenBy(i => i).Take((int)(Definition.K!.Value * rows)))
                mask[at / columns, at % columns] = 1;
            return tensor(mask);
        }
    }
}
