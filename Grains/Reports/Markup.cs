using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Orchestrator.Grains.Reports;

/// <summary>
/// A piece of HTML or SVG. It is only made from interpolated strings, whose literal parts are the page's author's and
/// whose holes are escaped unless they are markup themselves: text from a corpus cannot become markup by oversight.
/// </summary>
internal readonly record struct Markup
{
    private readonly string? _value;

    private Markup(string value) => _value = value;

    public static Markup Empty => default;

    public static Markup Of(MarkupInterpolation markup) => new(markup.ToString());

    public static Markup Join(IEnumerable<Markup> parts) => new(string.Concat(parts.Select(part => part.ToString())));

    public override string ToString() => _value ?? "";
}

/// <summary>Escapes the holes of an interpolated string.</summary>
[InterpolatedStringHandler]
internal readonly ref struct MarkupInterpolation(int literalLength, int formattedCount)
{
    private readonly StringBuilder _text = new(literalLength + (formattedCount * 16));

    public void AppendLiteral(string value) => _text.Append(value);

    public void AppendFormatted(Markup value) => _text.Append(value.ToString());

    public void AppendFormatted(IEnumerable<Markup> values)
    {
        foreach (var value in values)
        {
            _text.Append(value.ToString());
        }
    }

    public void AppendFormatted(string? value) => _text.Append(WebUtility.HtmlEncode(value));

    public void AppendFormatted<T>(T value, string? format = null)
        where T : IFormattable => AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    public override string ToString() => _text.ToString();
}
