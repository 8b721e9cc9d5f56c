namespace Orchestrator.Text.Corpus;

/// <summary>Which documents are held out, by a hash of their index: neighbours fall on either side independently.</summary>
internal static class DocumentSplit
{
    /// <param name="index">The document's index.</param>
    /// <param name="fraction">Share of documents to hold out, 0 to 1.</param>
    public static bool IsValidation(int index, double fraction) => Uniform((ulong)index) < fraction;

    /// <summary>A hash as a number in [0, 1): the finaliser of SplitMix64 (Steele, Lea and Flood 2014), upper 53 bits.</summary>
    private static double Uniform(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        value ^= value >> 31;
        return (value >> 11) * (1.0 / (1L << 53));
    }
}
