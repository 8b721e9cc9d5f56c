using System.Globalization;
using System.Text;

namespace Orchestrator.Bench.Reporting;

/// <summary>Rows of figures, written as a table of Markdown whose columns line up.</summary>
internal sealed class Table(params string[] headers)
{
    private readonly List<string[]> _rows = [];

    public void Add(params object[] cells) => _rows.Add(Array.ConvertAll(cells, cell => cell is double figure ? Figures.Text(figure) : Convert.ToString(cell, CultureInfo.InvariantCulture)!));

    public string ToMarkdown()
    {
        var widths = headers.Select((header, column) => _rows.Select(row => row[column].Length).Append(header.Length).Append(3).Max()).ToArray();
        var text = new StringBuilder();
        void Line(Func<int, string> cell) => text.Append("| ").AppendJoin(" | ", widths.Select((_, column) => cell(column))).Append(" |\n");
        Line(column => headers[column].PadRight(widths[column]));
        Line(column => new string('-', widths[column]));
        foreach (var row in _rows) Line(column => row[column].PadRight(widths[column]));
        return text.ToString();
    }
}
