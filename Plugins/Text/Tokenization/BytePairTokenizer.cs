using System.Buffers;
using System.Text;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Text.Tokenization;

/// <summary>
/// A byte-level BPE tokenizer. Every sequence of bytes can be encoded, and decodes to itself, with two exceptions that
/// only loaded files make: see <see cref="Composes"/> and <see cref="HoldsEveryByte"/>. Safe for use from many threads.
/// </summary>
/// <remarks>
/// Text is encoded here and not by Microsoft.ML.Tokenizers, whose tokenizers take UTF-16: they cannot hold bytes that are
/// no valid UTF-8, and its expressions cut characters above U+FFFF differently from the Hugging Face library. The
/// file is in the layout that both read, and on text that all can hold, ids are the same (see the tests).
/// </remarks>
public sealed class BytePairTokenizer : ITokenVocabulary
{
    private readonly BytePairVocabulary _vocabulary;
    private readonly WordEncoder _words;
    private readonly AddedTokens _added;

    internal BytePairTokenizer(BytePairVocabulary vocabulary, bool composes = false)
    {
        (_vocabulary, Composes) = (vocabulary, composes);
        _words = new WordEncoder(vocabulary);
        _added = new AddedTokens(vocabulary);
    }

    /// <summary>Text is brought to Unicode's normalisation form C first; then only text in that form decodes to itself.</summary>
    public bool Composes { get; }

    /// <summary>
    /// Every byte has a token. Where not, those without are bytes that no valid UTF-8 holds, and are encoded as U+FFFD.
    /// </summary>
    public bool HoldsEveryByte => _vocabulary.BytesWithoutToken.Length == 0;

    /// <inheritdoc/>
    public int Size => _vocabulary.Count;

    /// <inheritdoc/>
    public int EndOfText => _vocabulary.EndOfText;

    /// <summary>Reads a <c>tokenizer.json</c> of the Hugging Face layout: byte-level BPE, without or with normalisation form C.</summary>
    /// <exception cref="InvalidDataException">It is no such file; the message names the path and what is wrong.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static BytePairTokenizer Load(string path) => TokenizerJsonReader.Load(path);

    /// <summary>Writes a <c>tokenizer.json</c> that the Hugging Face library reads, the same bytes for the same tokenizer.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path) => TokenizerJsonWriter.Save(path, _vocabulary, Composes);

    /// <summary>Text as tokens. Marks such as <c>&lt;|endoftext|&gt;</c> that stand in the text are encoded as text.</summary>
    /// <param name="utf8">Bytes, not necessarily valid UTF-8.</param>
    public int[] Encode(ReadOnlySpan<byte> utf8)
    {
        var tokens = new List<int>(utf8.Length / 3);
        Encode(utf8, tokens);
        return [.. tokens];
    }

    /// <summary>Appends the tokens of a text; see <see cref="Encode(ReadOnlySpan{byte})"/>.</summary>
    public void Encode(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (Composes) utf8 = Compose(utf8);
        if (!HoldsEveryByte) utf8 = Replace(utf8, _vocabulary.BytesWithoutToken);
        while (!utf8.IsEmpty)
        {
            var plain = _added.Find(utf8, out var token);
            for (var rest = utf8[..plain]; !rest.IsEmpty;)
            {
                var length = PreTokenizer.FirstLength(rest);
                tokens.AddRange(_words.Encode(rest[..length]));
                rest = rest[length..];
            }

            if (plain == utf8.Length) return;
            tokens.Add(token);
            utf8 = utf8[(plain + _vocabulary.Bytes(token).Length)..];
        }
    }

    /// <summary>The bytes of tokens in a row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is no token.</exception>
    public byte[] Decode(ReadOnlySpan<int> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, tokens.Length * 4));
        foreach (var token in tokens) bytes.Write(Bytes(token).Span);
        return bytes.WrittenSpan.ToArray();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The number is no token.</exception>
    public ReadOnlyMemory<byte> Bytes(int token)
    {
        if ((uint)token >= (uint)Size)
            throw new ArgumentOutOfRangeException(nameof(token), token, $"Tokens of this vocabulary are 0 to {Size - 1}.");
        return _vocabulary.Bytes(token);
    }

    /// <summary>
    /// A token for people: whole characters as text; bytes that are no whole character, and control characters, as
    /// <c>\xHH</c>, except <c>\n</c>, <c>\r</c> and <c>\t</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is no token.</exception>
    public string Display(int token)
    {
        var text = new StringBuilder();
        for (var rest = Bytes(token).Span; !rest.IsEmpty;)
        {
            var status = Rune.DecodeFromUtf8(rest, out var rune, out var length);
            if (status == OperationStatus.Done && !Rune.IsControl(rune)) text.Append(rune);
            else Escape(text, rest[..length]);
            rest = rest[length..];
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A number is no token.</exception>
    public string Text(ReadOnlySpan<int> tokens) => Encoding.UTF8.GetString(Decode(tokens));

    private static void Escape(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            text.Append(value switch
            {
                (byte)'\n' => @"\n",
                (byte)'\r' => @"\r",
                (byte)'\t' => @"\t",
                _ => $@"\x{value:X2}",
            });
        }
    }

    private static ReadOnlySpan<byte> Replace(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> bytes)
    {
        if (!utf8.ContainsAny(bytes)) return utf8;
        var replaced = new ArrayBufferWriter<byte>(utf8.Length + 16);
        for (var at = utf8.IndexOfAny(bytes); at >= 0; at = utf8.IndexOfAny(bytes))
        {
            replaced.Write(utf8[..at]);
            replaced.Write("\uFFFD"u8);
            utf8 = utf8[(at + 1)..];
        }

        replaced.Write(utf8);
        return replaced.WrittenSpan;
    }

    private static ReadOnlySpan<byte> Compose(ReadOnlySpan<byte> utf8)
    {
        if (Ascii.IsValid(utf8) || !System.Text.Unicode.Utf8.IsValid(utf8)) return utf8;
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(utf8).Normalize(NormalizationForm.FormC));
    }
}
