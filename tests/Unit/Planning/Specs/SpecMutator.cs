using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Unit.Planning.Specs;

/// <summary>Bends specs at the level of bytes, of tokens and of lines; the same seed bends the same way.</summary>
internal sealed partial class SpecMutator(IReadOnlyList<string> sources, int seed)
{
    private static readonly string[] Tokens =
    [
        ":", ": ", "- ", "? ", "&a ", "*a", "*b", "[", "]", "{", "}", "|", ">", "|2-", ">+", "'", "\"", "\n", "\r", "\r\n", "  ", "\t", "#", "%YAML 1.2\n", "%TAG ! x:\n", "---\n", "...\n",
        "!!int ", "!!python/object:x ", "!<tag:yaml.org,2002:map> ", "!", "<<: *a", "~", "null", ".nan", "-.inf", "1e999", "-1", "-0", "0", "00", "0x7f", "0o17", "1_000", "1__0", "_1", "1e-400", "99999999999999999999",
        "yes", "No", "true", "=", "@", "`", ",", "\\", "\"\\x0", "\"\\uD800\"", "\"\\U00110000\"", "\0", "\u0007", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "\ufffd", "\u202e", "\u200b", "e\u0301", "\ud83d\ude00", "\uff11", "\u0661", "Ⅷ", "ｋ",
        "kind: text", "paths: /**", "paths: '**/../**'", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "{{{{{{", "a: {a: {a: {a: {a: ", "sweep: { zip: [feature_count, k] }", "sweep: { random: { points: 9, k: { from: 1, to: 9, scale: log } } }",
        "defaults: { dictionaries: { k: 3 } }", "architecture: transcoder", "architecture: jump-relu", "imported: [x]", "dictionaries: [{}]", "early_stop: { metric: kl_recovered, rungs: [0.3, 0.6], keep: 0.4 }", "rungs: [0.9, 0.1]", "- { feature_count: 8, tokens: 4096 }",
    ];

    private static readonly string[] Values =
    [
        "", "~", "[]", "{}", "[1]", "[1, 1]", "[[1]]", "{ a: 1 }", "0", "-1", "1", "2", "1000", "1_000_000", "16777216", "16777217", "9007199254740993", "18446744073709551616", "1e18", "1e308", "1e309", "-1e308", "1e-308", "0.0", "0.5", "1.5", ".5", "5.", "+1", "true", "yes",
        "'1'", "\"1\"", "text", "*a", "&a x", "!!str 1", "[8, 16, 32]", "[0.001, 0.002]", "{ from: 1, to: 8 }", "{ from: 8, to: 1 }", "{ from: 1, to: 8, scale: log }", "|\n  block", ">-\n  folded", "'multi\n\n  line'", "top-k", "standard", "blocks.0.mlp.hook_post", "blocks.99999999999.hook_resid_pre",
    ];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var text = Pick(sources);
        for (var edits = _random.Next(1, 5); edits > 0; edits--)
        {
            text = _random.Next(10) switch
            {
                0 => InsertToken(text),
                1 => ReplaceToken(text),
                2 => Span(text),
                3 => ReplaceValue(text),
                4 => ReplaceValue(text),
                5 => ReplaceNumber(text),
                6 => Lines(text),
                7 => Lines(text),
                8 => Reindent(text),
                _ => _random.Next(20) == 0 ? Bomb(text) : InsertToken(text),
            };
        }

        return _random.Next(4) switch
        {
            0 => Bytes(Encoding.UTF8.GetBytes(text)),
            1 when _random.Next(20) == 0 => Encoded(text),
            _ => Encoding.UTF8.GetBytes(text),
        };
    }

    private T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    private string InsertToken(string text) => text.Insert(_random.Next(text.Length + 1), Pick(Tokens));

    private string ReplaceToken(string text)
    {
        var found = Word().Matches(text);
        if (found.Count == 0)
        {
            return text;
        }

        var word = Pick(found);
        var with = _random.Next(3) switch { 0 => Pick(Tokens), 1 => Pick(found).Value, _ => word.Value.ToUpper(CultureInfo.InvariantCulture) };
        return text[..word.Index] + with + text[(word.Index + word.Length)..];
    }

    private string Span(string text)
    {
        var from = _random.Next(text.Length + 1);
        var length = Math.Min(_random.Next(1, 60), text.Length - from);
        return _random.Next(3) switch
        {
            0 => text.Remove(from, length),
            1 => text.Insert(_random.Next(text.Length + 1), text.Substring(from, length)),
            _ => _random.Next(4) == 0 ? text[..from] : text,
        };
    }

    private string ReplaceValue(string text)
    {
        var found = Value().Matches(text);
        if (found.Count == 0)
        {
            return text;
        }

        var group = Pick(found).Groups[1];
        return text[..group.Index] + Pick(Values) + text[(group.Index + group.Length)..];
    }

    private string ReplaceNumber(string text)
    {
        var found = Number().Matches(text);
        if (found.Count == 0)
        {
            return text;
        }

        var number = Pick(found);
        return text[..number.Index] + Pick(Values) + text[(number.Index + number.Length)..];
    }

    /// <summary>A line, or a block with all that is indented below it, is doubled, dropped, moved or brought in from another spec.</summary>
    private string Lines(string text)
    {
        var lines = text.Split('\n').ToList();
        var (at, count) = Block(lines);
        var block = lines.GetRange(at, count);
        switch (_random.Next(4))
        {
            case 0:
                lines.InsertRange(_random.Next(lines.Count + 1), block);
                break;
            case 1:
                lines.RemoveRange(at, count);
                break;
            case 2:
                lines.RemoveRange(at, count);
                lines.InsertRange(_random.Next(lines.Count + 1), block);
                break;
            default:
                var others = Pick(sources).Split('\n').ToList();
                var (from, length) = Block(others);
                lines.InsertRange(_random.Next(lines.Count + 1), others.GetRange(from, length));
                break;
        }

        return string.Join('\n', lines);
    }

    private (int At, int Count) Block(List<string> lines)
    {
        var at = _random.Next(lines.Count);
        var indentation = Indentation(lines[at]);
        var count = 1;
        while (_random.Next(8) > 0 && at + count < lines.Count && Indentation(lines[at + count]) > indentation)
        {
            count++;
        }

        return (at, count);
    }

    private static int Indentation(string line) => line.Length - line.TrimStart(' ').Length;

    private string Reindent(string text)
    {
        var lines = text.Split('\n');
        var at = _random.Next(lines.Length);
        lines[at] = _random.Next(3) switch { 0 => " " + lines[at], 1 => lines[at].TrimStart(' '), _ => "    " + lines[at] };
        return string.Join('\n', lines);
    }

    /// <summary>What would cost a careless reader memory, time or its stack.</summary>
    private string Bomb(string text)
    {
        var at = text.IndexOf('\n', _random.Next(text.Length)) + 1;
        var bomb = _random.Next(8) switch
        {
            0 => string.Concat(Enumerable.Range(0, 12).Select(i => $"a{i}: &a{i} [{(i == 0 ? "x, x, x" : string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9)))}]\n")),
            1 => $"a: &a [*a, &b {{ a: *b }}]\n",
            2 => $"deep: {new string('[', 20_000)}\n",
            3 => $"deep:\n{string.Concat(Enumerable.Range(1, 300).Select(i => new string(' ', i) + "a:\n"))}",
            4 => $"description: {new string('x', _random.Next(4_000, 200_000))}\n",
            5 => string.Concat(Enumerable.Range(0, 3_000).Select(i => $"key{i % 700}: {i}\n")),
            6 => $"dictionaries: {{ feature_count: [{string.Join(", ", Enumerable.Range(1, 1_000))}], seed: [{string.Join(", ", Enumerable.Range(1, 1_000))}], tokens: 4096 }}\n",
            _ => $"tokens: {new string('9', 50_000)}\n",
        };
        return text.Insert(at, bomb);
    }

    private byte[] Bytes(byte[] original)
    {
        var bytes = original.ToList();
        for (var edits = _random.Next(1, 6); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = _random.Next(bytes.Count);
            switch (_random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(_random.Next(1, 20), bytes.Count - at));
                    break;
                case 2:
                    bytes.Insert(at, Pick<byte>([0x00, 0x80, 0xc0, 0xed, 0xf4, 0xff, 0xfe, 0x1b]));
                    break;
                default:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
            }
        }

        return [.. bytes];
    }

    private byte[] Encoded(string text) => _random.Next(4) switch
    {
        0 => [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)],
        1 => Encoding.UTF32.GetBytes(text),
        2 => [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)],
        _ => Encoding.Latin1.GetBytes(text),
    };

    [GeneratedRegex(@"[A-Za-z_][\w.-]*")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<=[\w\]]:) +([^\n#,}]+)")]
    private static partial Regex Value();

    [GeneratedRegex(@"\d[\d_.e-]*")]
    private static partial Regex Number();
}
