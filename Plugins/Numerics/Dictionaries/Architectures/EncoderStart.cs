namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>How an encoder begins.</summary>
internal enum EncoderStart
{
    /// <summary>Drawn independently of the decoder.</summary>
    Independent,

    /// <summary>As the decoder's transpose, where a number decides how many features are active: its scale is free.</summary>
    Decoder,

    /// <summary>
    /// As the decoder's transpose times 2 D / F, at most 1. At first half of all features are active, and of random unit
    /// rows Σ ReLU(d_i · x) d_i is about F / (2 D) times x: so scaled, the reconstruction begins near the input. At full
    /// scale it overshoots, and what the first steps do against that leaves features that find nothing (a planted
    /// dictionary's mean max cosine was 0.85 instead of 0.98 for <c>gated</c>, 0.93 instead of 1.00 for <c>jump-relu</c>).
    /// </summary>
    ScaledDecoder,
}
