using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Reports.Charts;

/// <summary>
/// The picture of the field: how much of the model's loss a dictionary recovers against how many features it needs for a
/// token. Up and to the left is better. A line joins a model's sizes of one architecture and sparsity; random twins are
/// hollow, and left out where they have no loss to recover: their ratio is of noise and would flatten the rest.
/// </summary>
internal static class TradeOffChart
{
    private const int Width = 640;
    private const int Height = 380;
    private const int Left = 66;
    private const int Right = 20;
    private const int Top = 16;
    private const int Bottom = 50;

    /// <summary>Empty where no dictionary has a point.</summary>
    public static Markup Draw(ExperimentSummary summary)
    {
        var points = summary.Dictionaries
            .Where(d => d.L0 > 0 && double.IsFinite(d.L0) && Figures.HasLossToRecover(d))
            .ToList();
        if (points.Count == 0)
        {
            return Markup.Empty;
        }

        var x = Axis.Logarithmic(points.Select(d => d.L0), Left, Width - Right);
        var y = Axis.Linear(points.Select(d => d.LossRecovered).Append(1.0), Height - Bottom, Top);
        var models = summary.Models.Where(m => points.Any(d => d.Model == m.Id)).ToList();
        // Two seeds nearly coincide: the labels of the better one stand above its line, the others below theirs.
        var best = models.MaxBy(model => points.Where(d => d.Model == model.Id).Average(d => d.LossRecovered));
        var series = models.Select((model, i) => Series(model, model == best, i % SeriesColours.Count, points.Where(d => d.Model == model.Id), x, y));
        return Markup.Of($"""
            <figure class="chart"><svg viewBox="0 0 {Width} {Height}" role="img" aria-label="Loss recovered against L0, one point a dictionary; the same numbers stand in the table of dictionaries.">
            {Grid(x, y)}{series}
            </svg><figcaption><span class="legend">{models.Select((m, i) => Legend(m, i % SeriesColours.Count))}</span> Loss recovered against L0 (logarithmic); each point is labelled with its number of features. Up and to the left is better.</figcaption></figure>
            """);
    }

    private static Markup Grid(Axis x, Axis y) => Markup.Of($"""
        {x.Ticks.Select(t => Markup.Of($"""<line class="grid" x1="{x.Pixel(t)}" x2="{x.Pixel(t)}" y1="{Top}" y2="{Height - Bottom}"/><text class="tick" x="{x.Pixel(t)}" y="{Height - Bottom + 18}" text-anchor="middle">{Axis.Label(t)}</text>"""))}
        {y.Ticks.Select(t => Markup.Of($"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{y.Pixel(t)}" y2="{y.Pixel(t)}"/><text class="tick" x="{Left - 8}" y="{y.Pixel(t) + 4}" text-anchor="end">{Axis.Label(t)}</text>"""))}
        <text class="axis" x="{(Left + Width - Right) / 2}" y="{Height - 8}" text-anchor="middle">L0, mean active features per token</text>
        <text class="axis" transform="translate(15 {(Top + Height - Bottom) / 2}) rotate(-90)" text-anchor="middle">loss recovered</text>
        """);

    private static Markup Series(ModelSummary model, bool labelsAbove, int colour, IEnumerable<DictionarySummary> dictionaries, Axis x, Axis y)
    {
        var ordered = dictionaries.OrderBy(d => d.FeatureCount).ToList();
        var lines = ordered.GroupBy(d => (d.Architecture, d.Sparsity)).Select(sizes => Markup.Of($"""<polyline points="{Points(sizes, x, y)}"/>"""));
        var marks = ordered.Select(d => Markup.Of($"""
            <circle class="{(model.RandomWeights ? "hollow" : "mark")}" cx="{x.Pixel(d.L0)}" cy="{y.Pixel(d.LossRecovered)}" r="5"><title>{d.Id}: {d.FeatureCount:N0} features, L0 {Figures.L0(d.L0)}, loss recovered {Figures.Share(d.LossRecovered)}</title></circle>
            <text class="label" x="{x.Pixel(d.L0) + (labelsAbove ? -6 : 6)}" y="{y.Pixel(d.LossRecovered) + (labelsAbove ? -10 : 18)}" text-anchor="{(labelsAbove ? "end" : "start")}">{d.FeatureCount:N0}</text>
            """));
        return Markup.Of($"""<g class="s{colour}">{lines}{marks}</g>""");
    }

    private static string Points(IEnumerable<DictionarySummary> sizes, Axis x, Axis y) =>
        string.Join(' ', sizes.Select(d => FormattableString.Invariant($"{x.Pixel(d.L0)},{y.Pixel(d.LossRecovered)}")));

    private static Markup Legend(ModelSummary model, int colour) =>
        Markup.Of($"""<span class="key s{colour}{(model.RandomWeights ? " hollow" : "")}"></span>{ModelNames.Of(model)} """);
}
