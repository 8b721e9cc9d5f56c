using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>One tensor of a PyTorch archive.</summary>
public sealed class TorchTensorEntry
{
    internal TorchTensorEntry(string name, TorchView view)
    {
        Name = name;
        View = view;
        Shape = Array.AsReadOnly(view.Shape);
    }

    /// <summary>Where it stands in the tree of the archive, see <see cref="TorchArchive"/>.</summary>
    public string Name { get; }

    /// <summary>Type of its elements.</summary>
    public ScalarType Type => View.Type;

    /// <summary>Extents, outermost first; empty: a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Elements in all.</summary>
    public long Elements => View.Count;

    internal TorchView View { get; }
}
