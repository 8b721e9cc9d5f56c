using System.Globalization;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Figures;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FeatureSplitting;

/// <summary>Splitting trees from the smallest dictionary on the left to the largest on the right.</summary>
internal sealed class TreeFigure(IReadOnlyList<DictionaryInput> sizes, Func<int, TopTokens> topTokens, ITokenVocabulary vocabulary)
{
    private const double ColumnWidth = 250;
    private const double RowHeight = 19;
    private const double Top = 62;
    private const double Left = 16;

    // A generic feature may have hundreds of children; the rest is told in words.
    private const int ChildrenShown = 8;

    private readonly List<Action<SvgCanvas>> _strokes = [];
    private double _nextRow = Top;

    public byte[] Draw(IReadOnlyList<SplittingTree> trees)
    {
        foreach (var tree in trees)
        {
            Place(tree);
            _nextRow += RowHeight;
        }

        if (trees.Count == 0)
        {
            _strokes.Add(static canvas => canvas.Text(Left, Top, "No feature split into two or more."));
        }

        var canvas = new SvgCanvas(Left * 2 + ColumnWidth * sizes.Count, _nextRow + RowHeight, "Largest feature-splitting trees");
        canvas.Text(Left, 20, "Feature splitting: the largest trees", size: 14);
        for (var size = 0; size < sizes.Count; size++)
        {
            canvas.Text(X(size), 42, sizes[size].FeatureCount.ToString("N0", CultureInfo.InvariantCulture) + " features", size: 12);
        }

        _strokes.ForEach(stroke => stroke(canvas));
        return canvas.ToBytes();
    }

    // Leaves take the next free row; a parent stands in the middle of its children. Returns the row's baseline.
    private double Place(SplittingTree tree)
    {
        var shown = tree.Children.Take(ChildrenShown).ToList();
        var rows = shown.Select(Place).ToList();
        if (tree.Children.Count > shown.Count)
        {
            var (hidden, row) = (tree.Children.Count - shown.Count, NextRow());
            _strokes.Add(canvas => canvas.Text(X(tree.Size + 1), row, string.Create(CultureInfo.InvariantCulture, $"… {hidden} more"), size: 11));
        }

        var y = rows.Count == 0 ? NextRow() : (rows[0] + rows[^1]) / 2;
        for (var child = 0; child < shown.Count; child++)
        {
            var (target, cosine) = (rows[child], shown[child].DecoderCosine);
            _strokes.Add(canvas => canvas.Link(X(tree.Size) + 226, y - 4, X(tree.Size + 1) - 8, target - 4, SvgCanvas.Blue, 0.5 + 2 * cosine));
        }

        var label = Label(tree);
        _strokes.Add(canvas =>
        {
            canvas.Circle(X(tree.Size) - 4, y - 4, 3, SvgCanvas.Blue);
            canvas.Text(X(tree.Size) + 4, y, label);
        });
        return y;
    }

    private string Label(SplittingTree tree)
    {
        var tokens = string.Join(' ', topTokens(tree.Size).Of(tree.Feature, 3).Select(entry => "‹" + Shorten(vocabulary.Display(entry.Token)) + "›"));
        return string.Create(CultureInfo.InvariantCulture, $"{tree.Feature} {tokens}");
    }

    private double NextRow()
    {
        var row = _nextRow;
        _nextRow += RowHeight;
        return row;
    }

    private static string Shorten(string token) => token.Length <= 8 ? token : token[..7] + "…";

    private static double X(int size) => Left + 8 + ColumnWidth * size;
}
