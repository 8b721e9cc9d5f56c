using System.Globalization;
using System.Security;
using System.Text;

namespace Orchestrator.Abstractions.Analyses.Figures;

/// <summary>A small SVG drawing with a transparent ground and mid tones that read on light and on dark pages.</summary>
/// <param name="width">Pixels.</param>
/// <param name="height">Pixels.</param>
/// <param name="description">What the figure shows, for those who cannot see it.</param>
public sealed class SvgCanvas(double width, double height, string description)
{
    /// <summary>Text and axes.</summary>
    public const string Ink = "#768390";

    /// <summary>Features.</summary>
    public const string Blue = "#3b82f6";

    /// <summary>Neurons.</summary>
    public const string Amber = "#d08700";

    /// <summary>The random twin.</summary>
    public const string Violet = "#8b5cf6";

    private readonly StringBuilder _body = new();

    public void Line(double x1, double y1, double x2, double y2, string stroke = Ink, double strokeWidth = 1, string dashes = "") =>
        _body.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\" stroke=\"{stroke}\" stroke-width=\"{strokeWidth:0.##}\"")
            .Append(dashes.Length == 0 ? "" : $" stroke-dasharray=\"{dashes}\"").Append("/>\n");

    public void Rectangle(double x, double y, double rectangleWidth, double rectangleHeight, string fill) =>
        _body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{rectangleWidth:0.##}\" height=\"{rectangleHeight:0.##}\" fill=\"{fill}\"/>\n");

    public void Circle(double x, double y, double radius, string fill) =>
        _body.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"{radius:0.##}\" fill=\"{fill}\"/>\n");

    /// <summary>A frame with round corners.</summary>
    public void Frame(double x, double y, double frameWidth, double frameHeight, string stroke) =>
        _body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{frameWidth:0.##}\" height=\"{frameHeight:0.##}\" rx=\"6\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"1.5\"/>\n");

    /// <summary>
    /// An arrow from one point to another that bulges sideways; straight where the bulge is 0.
    /// </summary>
    /// <param name="x1">Start.</param>
    /// <param name="y1">Start.</param>
    /// <param name="x2">Tip.</param>
    /// <param name="y2">Tip.</param>
    /// <param name="bulge">Pixels by which both ends are pulled to the right; negative: to the left.</param>
    /// <param name="stroke">Colour.</param>
    /// <param name="strokeWidth">Pixels.</param>
    public void Arrow(double x1, double y1, double x2, double y2, double bulge, string stroke, double strokeWidth)
    {
        const double Head = 7;
        const double HalfHead = 3.5;
        var (dx, dy) = bulge == 0 ? (x2 - x1, y2 - y1) : (-bulge, 0);
        var length = Math.Max(1e-6, Math.Sqrt(dx * dx + dy * dy));
        (dx, dy) = (dx / length, dy / length);
        var (baseX, baseY) = (x2 - Head * dx, y2 - Head * dy);
        _body.Append(CultureInfo.InvariantCulture, $"<path d=\"M{x1:0.##},{y1:0.##} C{x1 + bulge:0.##},{y1:0.##} {baseX + bulge:0.##},{baseY:0.##} {baseX:0.##},{baseY:0.##}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{strokeWidth:0.##}\"/>\n")
            .Append(CultureInfo.InvariantCulture, $"<path d=\"M{x2:0.##},{y2:0.##} L{baseX - HalfHead * dy:0.##},{baseY + HalfHead * dx:0.##} L{baseX + HalfHead * dy:0.##},{baseY - HalfHead * dx:0.##} Z\" fill=\"{stroke}\"/>\n");
    }

    /// <summary>A smooth horizontal connection between two points.</summary>
    public void Link(double x1, double y1, double x2, double y2, string stroke, double strokeWidth)
    {
        var middle = (x1 + x2) / 2;
        _body.Append(CultureInfo.InvariantCulture, $"<path d=\"M{x1:0.##},{y1:0.##} C{middle:0.##},{y1:0.##} {middle:0.##},{y2:0.##} {x2:0.##},{y2:0.##}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{strokeWidth:0.##}\"/>\n");
    }

    /// <param name="x">Anchor.</param>
    /// <param name="y">Baseline.</param>
    /// <param name="text">Plain text; control characters are left out.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    /// <param name="size">Pixels.</param>
    /// <param name="fill">Colour.</param>
    public void Text(double x, double y, string text, string anchor = "start", double size = 12, string fill = Ink) =>
        _body.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{anchor}\" font-size=\"{size:0.##}\" fill=\"{fill}\" xml:space=\"preserve\">{Escape(text)}</text>\n");

    /// <summary>The file's bytes, UTF-8.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:0.##} {height:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" role=\"img\" font-family=\"system-ui, sans-serif\">\n<title>{Escape(description)}</title>\n{_body}</svg>\n"));

    private static string Escape(string text)
    {
        var printable = string.Concat(text.EnumerateRunes().Where(static rune => !Rune.IsControl(rune) && rune.Value is not (0xFFFE or 0xFFFF)));
        return SecurityElement.Escape(printable) ?? "";
    }
}
