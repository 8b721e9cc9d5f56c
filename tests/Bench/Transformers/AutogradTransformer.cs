using Orchestrator.Abstractions.Stages;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Transformer = Orchestrator.Numerics.Transformers.Transformer;

namespace Orchestrator.Bench.Transformers;

/// <summary>
/// The baseline: the same model as one writes it in PyTorch, of modules, differentiated automatically from the loss over
/// the whole of the logits to the embeddings, with the library's fused attention, cross-entropy, clipping and AdamW. It
/// starts with the weights of the other contestant.
/// </summary>
internal sealed class AutogradTransformer : IDisposable
{
    private readonly Model _model;
    private readonly optim.Optimizer _optimiser;
    private readonly Parameter[] _parameters;
    private readonly RandomTokens _tokens;
    private readonly int _contexts;
    private readonly int _length;
    private long _next;

    public AutogradTransformer(Transformer weights, TransformerTrainingDefinition training, RandomTokens tokens)
    {
        (_tokens, _contexts, _length) = (tokens, training.BatchContexts, weights.Definition.ContextLength);
        _model = new Model(weights);
        _parameters = [.. _model.parameters()];
        var matrices = _parameters.Where(parameter => parameter.dim() > 1);
        var vectors = _parameters.Where(parameter => parameter.dim() <= 1);
        _optimiser = optim.AdamW(
            [
                new AdamW.ParamGroup { Parameters = matrices, Options = new AdamW.Options { weight_decay = training.WeightDecay } },
                new AdamW.ParamGroup { Parameters = vectors, Options = new AdamW.Options { weight_decay = 0 } },
            ],
            training.LearningRate, beta1: 0.9, beta2: 0.98);
    }

    /// <summary>One step on the next batch.</summary>
    public void Step()
    {
        using var scope = NewDisposeScope();
        _optimiser.zero_grad();
        LossOf(NextWindows()).backward();
        nn.utils.clip_grad_norm_(_parameters, 1);
        _optimiser.step();
    }

    /// <summary>Mean loss on windows of one more token than a context, [B, T + 1].</summary>
    public Tensor LossOf(Tensor windows)
    {
        var logits = _model.call(windows.narrow(1, 0, _length));   // [B, T, V]
        var targets = windows.narrow(1, 1, _length).reshape(-1);   // [B T]
        return nn.functional.cross_entropy(logits.view(targets.shape[0], -1), targets);
    }

    public void Dispose()
    {
        _optimiser.Dispose();
        _model.Dispose();
    }

    private Tensor NextWindows()
    {
        var width = _length + 1;
        var window = new int[width];
        var rows = new long[_contexts * width];
        for (var i = 0; i < _contexts; i++, _next = (_next + _length) % (_tokens.Count - width))
        {
            _tokens.Read(_next, window);
            for (var j = 0; j < width; j++) rows[(i * width) + j] = window[j];
        }

        return tensor(rows).view(_contexts, width);
    }

    private sealed class Model : nn.Module<Tensor, Tensor>
    {
        private readonly Embedding _tokens;
        private readonly Embedding _positions;
        private readonly ModuleList<Block> _blocks;
        private readonly LayerNorm _norm;
        private readonly Linear _head;

        public Model(Transformer weights)
            : base("model")
        {
            var (model, d) = (weights.Definition, weights.Definition.ModelDim);
            _tokens = nn.Embedding(weights.VocabularySize, d);
            _positions = nn.Embedding(model.ContextLength, d);
            _blocks = new ModuleList<Block>([.. Enumerable.Range(0, model.Layers).Select(layer => new Block(weights, layer))]);
            _norm = nn.LayerNorm(d);
            _head = nn.Linear(d, weights.VocabularySize);
            RegisterComponents();
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            _tokens.weight!.copy_(weights.Parameter("embed.W_E"));
            _positions.weight!.copy_(weights.Parameter("pos_embed.W_pos"));
            _norm.weight!.copy_(weights.Parameter("ln_final.w"));
            _norm.bias!.copy_(weights.Parameter("ln_final.b"));
            _head.weight!.copy_(weights.Parameter("unembed.W_U").t());
            _head.bias!.copy_(weights.Parameter("unembed.b_U"));
        }

        public override Tensor forward(Tensor tokens)
        {
            var x = _tokens.call(tokens) + _positions.call(arange(tokens.shape[1]));   // [B, T, d]
            foreach (var block in _blocks) x = block.call(x);
            return _head.call(_norm.call(x));
        }
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly LayerNorm _attentionNorm;
        private readonly Linear _attention;
        private readonly Linear _attentionOut;
        private readonly LayerNorm _mlpNorm;
        private readonly Linear _mlpIn;
        private readonly Linear _mlpOut;
        private readonly long _heads;

        public Block(Transformer weights, int layer)
            : base($"block{layer}")
        {
            var (model, d) = (weights.Definition, weights.Definition.ModelDim);
            _heads = model.Heads;
            _attentionNorm = nn.LayerNorm(d);
            _attention = nn.Linear(d, 3 * d);
            _attentionOut = nn.Linear(d, d);
            _mlpNorm = nn.LayerNorm(d);
            _mlpIn = nn.Linear(d, model.MlpDim);
            _mlpOut = nn.Linear(model.MlpDim, d);
            RegisterComponents();
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            Tensor Of(string name) => weights.Parameter($"blocks.{layer}.{name}");
            string[] parts = ["Q", "K", "V"];
            _attention.weight!.copy_(cat([.. parts.Select(part => Of($"attn.W_{part}").transpose(1, 2).reshape(d, d))], 0));
            _attention.bias!.copy_(cat([.. parts.Select(part => Of($"attn.b_{part}").view(d))], 0));
            _attentionOut.weight!.copy_(Of("attn.W_O").view(d, d).t());
            _attentionOut.bias!.copy_(Of("attn.b_O"));
            _mlpIn.weight!.copy_(Of("mlp.W_in").t());
            _mlpIn.bias!.copy_(Of("mlp.b_in"));
            _mlpOut.weight!.copy_(Of("mlp.W_out").t());
            _mlpOut.bias!.copy_(Of("mlp.b_out"));
        }

        public override Tensor forward(Tensor x)
        {
            x = x + Attend(_attentionNorm.call(x));
            return x + _mlpOut.call(nn.functional.relu(_mlpIn.call(_mlpNorm.call(x))));
        }

        private Tensor Attend(Tensor x)
        {
            var (b, t, d) = (x.shape[0], x.shape[1], x.shape[2]);
            var parts = _attention.call(x).split(d, 2);            // three of [B, T, d]
            Tensor Heads(Tensor part) => part.view(b, t, _heads, d / _heads).transpose(1, 2);
            var mixed = nn.functional.scaled_dot_product_attention(Heads(parts[0]), Heads(parts[1]), Heads(parts[2]), is_casual: true);
            return _attentionOut.call(mixed.transpose(1, 2).contiguous().view(b, t, d));
        }
    }
}
