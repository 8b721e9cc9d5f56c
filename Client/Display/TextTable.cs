using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestrator.Client.Display;

/// <summary>
/// A table of plain text. Cells are never read as markup, so that whatever a corpus holds is only ever shown.
/// </summary>
/// <param name="columns">
/// Headings. One that begins with <c>&gt;</c> is aligned right; that one, and one that begins with <c>!</c>, is kept on
/// one line where others can give way.
/// </param>
public sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Adds a row with a cell for each column.</summary>
    public void Add(params string[] cells)
    {
        if (cells.Length != columns.Length)
        {
            throw new ArgumentException($"The table has {columns.Length} columns; the row has {cells.Length} cells.", nameof(cells));
        }

        _rows.Add(cells);
    }

    /// <summary>The headings and each row as one line, cells parted by a tab.</summary>
    public void WriteLines(Action<string> write)
    {
        write(string.Join('\t', columns.Select(Heading)));
        foreach (var row in _rows)
        {
            write(string.Join('\t', row));
        }
    }

    public IRenderable ToRenderable()
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        foreach (var column in columns)
        {
            var drawn = new TableColumn(Drawn.Plain(Heading(column), new Style(decoration: Decoration.Bold)));
            table.AddColumn(column[0] switch
            {
                '>' => drawn.RightAligned().NoWrap(),
                '!' => drawn.NoWrap(),
                _ => drawn,
            });
        }

        foreach (var row in _rows)
        {
            table.AddRow(row.Select(cell => Drawn.Plain(cell)));
        }

        return table;
    }

    private static string Heading(string column) => column.TrimStart('>', '!');
}
