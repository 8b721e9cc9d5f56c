using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers.Import;

/// <summary>The tensors of a file in GPT-2's layout, with what is wrong about them. The caller keeps the dispose scope.</summary>
internal sealed class Gpt2Source
{
    private const string CompiledPrefix = "_orig_mod.";
    private const string BodyPrefix = "transformer.";

    private readonly Gpt2Config _config;
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly Gpt2Layout _layout;
    private readonly List<string> _problems = [];

    /// <param name="config">The architecture.</param>
    /// <param name="tensors">By name, prefixes included.</param>
    public Gpt2Source(Gpt2Config config, IReadOnlyDictionary<string, Tensor> tensors)
    {
        _config = config;
        foreach (var (name, tensor) in tensors)
        {
            if (!_tensors.TryAdd(Bare(name), tensor))
                _problems.Add($"'{Bare(name)}' is there twice, with and without a prefix");
        }

        _layout = new Gpt2Layout(
            config,
            _tensors.TryGetValue(Gpt2Layout.Telling, out var telling) && telling.shape.AsSpan().SequenceEqual(Gpt2Layout.LinearShape(config)));
    }

    /// <summary>The parameters under their state keys.</summary>
    /// <exception cref="ArgumentException">A tensor is missing, surplus or wrong; all of them are named.</exception>
    public Dictionary<string, Tensor> Parameters()
    {
        var wanted = _layout.Tensors.ToList();
        if (HasHead())
            wanted.Add(_layout.Head);
        foreach (var tensor in wanted)
            Check(tensor);
        var masks = _tensors.Keys.Where(IsMask).ToArray();
        foreach (var name in masks)
            CheckMask(name);
        foreach (var name in _tensors.Keys.Except(wanted.Select(tensor => tensor.Name)).Except(masks).Order(StringComparer.Ordinal))
            _problems.Add($"'{name}' is surplus");
        if (_problems.Count > 0)
            throw new ArgumentException($"These are not the tensors of that model in GPT-2's layout: {string.Join("; ", _problems)}.");

        var parameters = wanted
            .SelectMany(tensor => tensor.Parameters.Select(parameter => (parameter.Key, Value: parameter.Of(_tensors[tensor.Name]))))
            .ToDictionary(parameter => parameter.Key, parameter => parameter.Value);
        parameters.TryAdd("unembed.W_U", parameters["embed.W_E"].t());
        return parameters;
    }

    private static string Bare(string name)
    {
        var bare = name.StartsWith(CompiledPrefix, StringComparison.Ordinal) ? name[CompiledPrefix.Length..] : name;
        return bare.StartsWith(BodyPrefix, StringComparison.Ordinal) ? bare[BodyPrefix.Length..] : bare;
    }

    private static bool AreEqual(Tensor a, Tensor b) => a.eq(b).all().item<bool>();

    /// <summary>Buffers that some versions save beside the parameters: the causal mask, and what stands where it is 0.</summary>
    private bool IsMask(string name) => Enumerable.Range(0, _config.Layers).Any(layer =>
        name == $"h.{layer}.attn.masked_bias" || (name == $"h.{layer}.attn.bias" && _tensors[name].dim() == 4));

    private bool HasHead()
    {
        if (!_tensors.TryGetValue(_layout.Head.Name, out var head))
            return _config.IsTied == false; // which makes it a missing one
        if (_config.IsTied == true && _tensors.TryGetValue("wte.weight", out var embedding)
            && head.shape.AsSpan().SequenceEqual(embedding.shape) && !AreEqual(head, embedding))
        {
            _problems.Add($"'{_layout.Head.Name}' differs from 'wte.weight', though the configuration says that they are tied");
        }

        return true;
    }

    private void Check(Gpt2Tensor wanted)
    {
        if (!_tensors.TryGetValue(wanted.Name, out var tensor))
            _problems.Add($"'{wanted.Name}' [{string.Join(", ", wanted.Shape)}] is missing");
        else if (!tensor.shape.AsSpan().SequenceEqual(wanted.Shape))
            _problems.Add($"'{wanted.Name}' has shape [{string.Join(", ", tensor.shape)}], expected [{string.Join(", ", wanted.Shape)}]");
        else if (!tensor.is_floating_point())
            _problems.Add($"'{wanted.Name}' holds {tensor.dtype}, expected a floating type");
    }

    private void CheckMask(string name)
    {
        if (name.EndsWith("masked_bias", StringComparison.Ordinal))
            return;
        var t = _config.ContextLength;
        var mask = _tensors[name];
        if (!mask.shape.AsSpan().SequenceEqual([1, 1, t, t]) || !AreEqual(mask.view(t, t), ones(t, t, device: mask.device).tril()))
            _problems.Add($"'{name}' is not the causal mask of {t} positions, the only one that is computed here");
    }
}
