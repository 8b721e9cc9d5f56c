using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// Named views over one flat tensor. The same layout serves weights, gradients and the optimiser's moments, so that what
/// concerns all parameters is one operation.
/// </summary>
internal sealed class ParameterSet : IDisposable
{
    private readonly Dictionary<string, Tensor> _views = new(StringComparer.Ordinal);
    private readonly bool _ownsFlat;

    private ParameterSet(ParameterLayout layout, Tensor flat, bool ownsFlat, bool requiresGradient)
    {
        Layout = layout;
        Flat = flat;
        _ownsFlat = ownsFlat;
        foreach (var parameter in layout.Parameters)
        {
            using var range = flat.narrow(0, parameter.Offset, parameter.Count);
            var view = range.view(parameter.Shape).DetachFromDisposeScope();
            _views[parameter.Name] = requiresGradient ? view.requires_grad_() : view;
        }

        Blocks = [.. Enumerable.Range(0, layout.Parameters.Count(p => p.Name.EndsWith("mlp.W_in", StringComparison.Ordinal)))
            .Select(layer => new BlockParameters(this, layer))];
    }

    public ParameterLayout Layout { get; }

    /// <summary>All elements, [<see cref="ParameterLayout.Elements"/>].</summary>
    public Tensor Flat { get; }

    public IReadOnlyList<BlockParameters> Blocks { get; }

    public Tensor TokenEmbedding => this["embed.W_E"];             // [V, d]

    public Tensor PositionEmbedding => this["pos_embed.W_pos"];    // [T, d]

    public Tensor FinalGain => this["ln_final.w"];                 // [d]

    public Tensor? FinalBias => Find("ln_final.b");                // [d]; null where an RMSNorm has none

    public Tensor Unembedding => this["unembed.W_U"];              // [d, V]

    public Tensor UnembeddingBias => this["unembed.b_U"];          // [V]

    public Tensor this[string name] => _views[name];

    /// <summary>The parameter of that name; null where the model has none.</summary>
    public Tensor? Find(string name) => _views.GetValueOrDefault(name);

    /// <summary>All zero.</summary>
    public static ParameterSet Zeros(ParameterLayout layout, Device device) =>
        new(layout, zeros(layout.Elements, ScalarType.Float32, device).DetachFromDisposeScope(), ownsFlat: true, requiresGradient: false);

    /// <summary>The same memory as leaves of an autograd graph; it must not outlive this.</summary>
    public ParameterSet AsLeaves() => new(Layout, Flat, ownsFlat: false, requiresGradient: true);

    /// <summary>A copy with memory of its own.</summary>
    public ParameterSet Clone() =>
        new(Layout, Flat.clone().DetachFromDisposeScope(), ownsFlat: true, requiresGradient: false);

    public void Dispose()
    {
        foreach (var view in _views.Values)
            view.Dispose();
        if (_ownsFlat)
            Flat.Dispose();
    }
}
