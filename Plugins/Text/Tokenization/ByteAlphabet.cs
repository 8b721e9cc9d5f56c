namespace Orchestrator.Text.Tokenization;

/// <summary>
/// How byte-level tokenizers write bytes as text: a printable Latin-1 byte is the character of its code, the others are
/// characters from U+0100 on, in order, so that each byte is one visible character (Radford et al. 2019, "Input
/// Representation"). The alphabet's order, by character, is the order of the byte tokens in a vocabulary.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Assign();
    private static readonly Dictionary<char, byte> Bytes = Enumerable.Range(0, 256).ToDictionary(value => Characters[value], value => (byte)value);

    /// <summary>The 256 bytes in the order of their characters.</summary>
    public static IReadOnlyList<byte> Ordered { get; } = Enumerable.Range(0, 256).Select(value => (byte)value).OrderBy(value => Characters[value]).ToArray();

    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var text = new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++) text[i] = Characters[bytes[i]];
        return new string(text);
    }

    /// <returns>Null where a character stands for no byte.</returns>
    public static byte[]? Read(string text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (!Bytes.TryGetValue(text[i], out bytes[i])) return null;
        }

        return bytes;
    }

    private static char[] Assign()
    {
        var characters = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++) characters[value] = (char)(Printable(value) ? value : next++);
        return characters;
    }

    private static bool Printable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
}
