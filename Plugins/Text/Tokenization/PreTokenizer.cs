using System.Buffers;
using System.Globalization;
using System.Text;

namespace Orchestrator.Text.Tokenization;

/// <summary>
/// Cuts bytes where GPT-2's pattern cuts text: contractions, then runs of letters, of numbers and of other characters,
/// each with one space before it, and runs of white space without the last one that another run takes
/// (Radford et al. 2019; <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>).
/// A byte that is no part of a valid UTF-8 character counts as an "other" character.
/// </summary>
/// <remarks>
/// Written by hand instead of with a regular expression because the text is bytes that need not be valid UTF-8, and
/// because .NET's expressions see characters above U+FFFF as two others where other tokenizers see a letter.
/// </remarks>
internal static class PreTokenizer
{
    private enum Class : byte
    {
        Other,
        Letter,
        Number,
        Space,
    }

    private static readonly Class[] Ascii = Enumerable.Range(0, 128).Select(value => Classify(new Rune(value))).ToArray();

    /// <param name="text">Not empty.</param>
    /// <returns>Bytes of the first pre-token, at least 1.</returns>
    public static int FirstLength(ReadOnlySpan<byte> text)
    {
        if (text[0] == '\'' && Contraction(text[1..]) is > 0 and var contraction) return 1 + contraction;
        var kind = Classify(text, out var length);
        if (text[0] == ' ' && text.Length > 1)
        {
            var next = Classify(text[1..], out var nextLength);
            if (next != Class.Space) return RunEnd(text, 1 + nextLength, next);
        }

        return kind == Class.Space ? SpaceEnd(text, length) : RunEnd(text, length, kind);
    }

    private static int Contraction(ReadOnlySpan<byte> rest) => rest switch
    {
        [(byte)'s' or (byte)'t' or (byte)'m' or (byte)'d', ..] => 1,
        [(byte)'r', (byte)'e', ..] or [(byte)'v', (byte)'e', ..] or [(byte)'l', (byte)'l', ..] => 2,
        _ => 0,
    };

    private static int RunEnd(ReadOnlySpan<byte> text, int end, Class kind)
    {
        while (end < text.Length && Classify(text[end..], out var length) == kind) end += length;
        return end;
    }

    private static int SpaceEnd(ReadOnlySpan<byte> text, int end)
    {
        var last = 0;
        while (end < text.Length)
        {
            if (Classify(text[end..], out var length) != Class.Space) return last > 0 ? last : end;
            last = end;
            end += length;
        }

        return end;
    }

    private static Class Classify(ReadOnlySpan<byte> text, out int length)
    {
        length = 1;
        if (text[0] < 128) return Ascii[text[0]];
        return Rune.DecodeFromUtf8(text, out var rune, out length) == OperationStatus.Done ? Classify(rune) : Class.Other;
    }

    private static Class Classify(Rune rune)
    {
        if (Rune.IsWhiteSpace(rune)) return Class.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Class.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Class.Number,
            _ => Class.Other,
        };
    }
}
