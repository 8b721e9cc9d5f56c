using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Abstractions;

/// <summary>
/// A place in the model where activations are read and replaced, written by its TransformerLens name. Hook points compare
/// in the order in which a forward pass comes to them.
/// </summary>
/// <param name="Layer">The block, from 0.</param>
/// <param name="Kind">Where in the block.</param>
[JsonConverter(typeof(HookPointJsonConverter))]
public readonly record struct HookPoint(int Layer, HookPointKind Kind) : IComparable<HookPoint>
{
    private const string Prefix = "blocks.";

    // In the order of HookPointKind.
    private static readonly string[] Parts =
    [
        "hook_resid_pre", "hook_attn_out", "hook_resid_mid", "ln2.hook_normalized",
        "mlp.hook_pre", "mlp.hook_post", "hook_mlp_out", "hook_resid_post",
    ];

    /// <summary>What names look like, for messages: every kind, with <c>L</c> for the layer.</summary>
    public static string Forms { get; } = string.Join(", ", NamesIn("L"));

    /// <summary>Whether the vector is one of the MLP's hidden layer: d_mlp wide, where all others are d_model wide.</summary>
    public bool IsHidden => Kind is HookPointKind.MlpPre or HookPointKind.MlpPost;

    /// <summary>Every name of one layer.</summary>
    public static IReadOnlyList<string> NamesIn(int layer) => NamesIn(layer.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads a name such as <c>blocks.0.mlp.hook_post</c>; false where the text is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out HookPoint hookPoint)
    {
        hookPoint = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var rest = text.AsSpan(Prefix.Length);
        var dot = rest.IndexOf('.');
        if (dot < 1 || !int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var layer))
            return false;
        var kind = Array.IndexOf(Parts, rest[(dot + 1)..].ToString());
        hookPoint = new HookPoint(layer, (HookPointKind)kind);
        return kind >= 0 && hookPoint.ToString() == text; // one name a place: "blocks.00" is none
    }

    /// <summary>Reads a name such as <c>blocks.0.mlp.hook_post</c>.</summary>
    /// <exception cref="FormatException">The text is no such name; the message says what is allowed.</exception>
    public static HookPoint Parse(string text) => TryParse(text, out var hookPoint)
        ? hookPoint
        : throw new FormatException($"The hook point '{text}' is unknown; known: {Forms} (L: a layer, from 0).");

    /// <summary>Whether a model has that layer.</summary>
    public bool ExistsIn(TransformerDefinition model) => Layer >= 0 && Layer < model.Layers;

    /// <summary>Elements of an activation vector: d_model or d_mlp.</summary>
    /// <exception cref="ArgumentException">The model has no such layer.</exception>
    public int WidthIn(TransformerDefinition model)
    {
        if (!ExistsIn(model))
            throw new ArgumentException($"The hook point '{this}' is not in the model, whose layers are 0 to {model.Layers - 1}.", nameof(model));
        return IsHidden ? model.MlpDim : model.ModelDim;
    }

    /// <summary>Whether a forward pass comes to this place before (negative), at, or after the other (positive).</summary>
    public int CompareTo(HookPoint other) => (Layer, Kind).CompareTo((other.Layer, other.Kind));

    public static bool operator <(HookPoint left, HookPoint right) => left.CompareTo(right) < 0;

    public static bool operator >(HookPoint left, HookPoint right) => left.CompareTo(right) > 0;

    public static bool operator <=(HookPoint left, HookPoint right) => left.CompareTo(right) <= 0;

    public static bool operator >=(HookPoint left, HookPoint right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Layer}.{Parts[(int)Kind]}");

    private static string[] NamesIn(string layer) => Array.ConvertAll(Parts, part => $"{Prefix}{layer}.{part}");
}
