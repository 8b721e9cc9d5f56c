using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Planning.Plans;

/// <summary>
/// Seeds made from other seeds, so that streams and dictionaries of different models differ (paper, "Setup": each side of
/// a pair trains on different tokens and from another dictionary seed) and do not move when a seed is added to the list.
/// </summary>
internal static class DerivedSeed
{
    // Exact in a double: readers of JSON elsewhere must not round a seed.
    private const ulong Mask = (1UL << 53) - 1;

    /// <param name="purpose">What it is for: equal seeds of different purpose are unrelated.</param>
    public static ulong Of(string purpose, params ReadOnlySpan<ulong> seeds)
    {
        var text = new StringBuilder(purpose);
        foreach (var seed in seeds)
        {
            text.Append(CultureInfo.InvariantCulture, $"/{seed}");
        }

        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))) & Mask;
    }
}
