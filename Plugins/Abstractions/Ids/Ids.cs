using Orleans;

namespace Orchestrator.Abstractions;

/// <summary>An experiment: the name in its spec, a dash, and 8 hex digits of the spec's hash.</summary>
/// <param name="Value">For example <c>quickstart-1f3a9c0d</c>; safe as a folder name.</param>
[GenerateSerializer, Immutable, Alias("experiment-id")]
public readonly record struct ExperimentId([property: Id(0)] string Value)
{
    public override string ToString() => Value;
}

/// <summary>
/// The address of a stage's artefact: its kind and the SHA-256 of its canonical definition, which names the keys of
/// everything it depends on. Equal keys mean equal content, across experiments too.
/// </summary>
/// <param name="Value">For example <c>model-1f3a9c0d2b4e</c>: kind, dash, first 12 hex digits; safe as a folder name.</param>
[GenerateSerializer, Immutable, Alias("stage-key")]
public readonly record struct StageKey([property: Id(0)] string Value)
{
    public override string ToString() => Value;
}

/// <summary>A trained dictionary; its value is the <see cref="StageKey"/> of the stage that trained it.</summary>
/// <param name="Value">For example <c>dictionary-3fa9c2e1aa07</c>.</param>
[GenerateSerializer, Immutable, Alias("dictionary-id")]
public readonly record struct DictionaryId([property: Id(0)] string Value)
{
    public StageKey Stage => new(Value);

    public override string ToString() => Value;
}

/// <summary>One feature of one dictionary, written <c>DICTIONARY/INDEX</c>.</summary>
/// <param name="Dictionary">The dictionary.</param>
/// <param name="Index">Row of the decoder, 0 ≤ index &lt; F.</param>
[GenerateSerializer, Immutable, Alias("feature-id")]
public readonly record struct FeatureId([property: Id(0)] DictionaryId Dictionary, [property: Id(1)] int Index)
{
    /// <summary>Reads <c>DICTIONARY/INDEX</c>; false where the text is not of that form.</summary>
    public static bool TryParse(string text, out FeatureId id)
    {
        var slash = text.LastIndexOf('/');
        if (slash > 0 && int.TryParse(text.AsSpan(slash + 1), out var index) && index >= 0)
        {
            id = new FeatureId(new DictionaryId(text[..slash]), index);
            return true;
        }

        id = default;
        return false;
    }

    public override string ToString() => $"{Dictionary}/{Index}";
}
