using System.Text;

namespace Orchestrator.Analyses.Proxies;

/// <summary>Writing systems by Unicode range, which do not overlap. Marks that scripts share belong to none.</summary>
internal static class Script
{
    /// <summary>Of a character that is in none.</summary>
    public const int None = -1;

    private static readonly (string Name, (int From, int To)[] Ranges)[] Table =
    [
        ("arabic", [(0x0600, 0x06FF), (0x0750, 0x077F), (0x0870, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC), (0x10EC0, 0x10EFF), (0x1EE00, 0x1EEFF)]),
        ("hebrew", [(0x0590, 0x05FF), (0xFB1D, 0xFB4F)]),
        ("cyrillic", [(0x0400, 0x052F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)]),
        ("greek", [(0x0370, 0x03FF), (0x1F00, 0x1FFF)]),
        ("han", [(0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)]),
        ("hiragana_katakana", [(0x3041, 0x309F), (0x30A1, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)]),
        ("hangul", [(0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)]),
        ("devanagari", [(0x0900, 0x097F), (0xA8E0, 0xA8FF)]),
        ("thai", [(0x0E00, 0x0E7F)]),
        ("latin", [('A', 'Z'), ('a', 'z'), (0x00AA, 0x00AA), (0x00BA, 0x00BA), (0x00C0, 0x00D6), (0x00D8, 0x00F6), (0x00F8, 0x024F), (0x1E00, 0x1EFF), (0x2C60, 0x2C7F), (0xA720, 0xA7FF)]),
    ];

    private static readonly (int From, int To, int Script)[] Ranges =
        [.. Table.SelectMany(static (script, index) => script.Ranges.Select(range => (range.From, range.To, index))).OrderBy(static range => range.From)];

    private static readonly int[] Starts = [.. Ranges.Select(static range => range.From)];

    /// <summary>Their names; a script is an index into them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(static script => script.Name)];

    public static int Of(Rune character)
    {
        var place = Array.BinarySearch(Starts, character.Value);
        place = place < 0 ? ~place - 1 : place;
        return place >= 0 && character.Value <= Ranges[place].To ? Ranges[place].Script : None;
    }
}
