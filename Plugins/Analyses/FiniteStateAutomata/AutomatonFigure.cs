using System.Globalization;
using Orchestrator.Abstractions.Analyses.Figures;

namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>
/// Small automata one below the other. States stand in a column; an edge to the next state is a straight arrow, one
/// further down an arc on the right, one that leads back an arc on the left.
/// </summary>
/// <param name="text">Labels.</param>
internal sealed class AutomatonFigure(AutomatonText text)
{
    private const double BoxWidth = 250;
    private const double BoxHeight = 40;
    private const double Pitch = 88;
    private const double LaneWidth = 128;
    private const double NearestLane = 36;
    private const double LabelWidth = 150;
    private const double Heading = 60;

    public byte[] Draw(IReadOnlyList<SmallAutomaton> automata)
    {
        var drawings = automata.Select(static automaton => (Automaton: automaton, Lanes: Lanes(automaton))).ToList();
        var left = Margin(drawings.SelectMany(static drawing => drawing.Lanes.Where(static lane => lane.Down < 0)));
        var right = Margin(drawings.SelectMany(static drawing => drawing.Lanes.Where(static lane => lane.Down > 0)));
        var height = Heading + automata.Sum(static automaton => automaton.Features.Count * Pitch + Heading);
        var canvas = new SvgCanvas(Math.Max(560, left + BoxWidth + right), automata.Count == 0 ? Heading : height, "Small automata of features");
        canvas.Text(16, 20, automata.Count == 0 ? "No three features lead to one another." : "Features that lead to one another", size: 14);
        if (automata.Count > 0)
        {
            canvas.Text(16, 38, "A state: the tokens it fires on. An arrow: the token that follows, how much likelier that is than by chance, and how often it was seen.", size: 10.5);
        }

        var top = Heading + 24;
        foreach (var (automaton, lanes) in drawings)
        {
            DrawStates(canvas, automaton, left, top);
            DrawEdges(canvas, automaton, lanes, left, top);
            top += automaton.Features.Count * Pitch + Heading;
        }

        return canvas.ToBytes();
    }

    private void DrawStates(SvgCanvas canvas, SmallAutomaton automaton, double left, double top)
    {
        for (var row = 0; row < automaton.Features.Count; row++)
        {
            var feature = automaton.Features[row];
            var loop = automaton.Edges.Where(edge => edge.Source == feature && edge.Target == feature).Select(edge => " · again by " + Label(edge)).FirstOrDefault("");
            var y = top + row * Pitch;
            canvas.Frame(left, y, BoxWidth, BoxHeight, SvgCanvas.Blue);
            canvas.Text(left + BoxWidth / 2, y + 17, text.StateOf(feature), "middle", 13);
            canvas.Text(left + BoxWidth / 2, y + 32, string.Create(CultureInfo.InvariantCulture, $"feature {feature}{loop}"), "middle", 10.5);
        }
    }

    private void DrawEdges(SvgCanvas canvas, SmallAutomaton automaton, IReadOnlyList<Lane> lanes, double left, double top)
    {
        var middle = left + BoxWidth / 2;
        foreach (var edge in automaton.Edges)
        {
            var (from, to) = (Row(automaton, edge.Source), Row(automaton, edge.Target));
            var width = Math.Min(4, 0.5 + Math.Log10(edge.Evidence.Support));
            if (to - from == 1)
            {
                canvas.Arrow(middle, top + from * Pitch + BoxHeight, middle, top + to * Pitch, 0, SvgCanvas.Blue, width);
                DrawLabel(canvas, edge, middle + 10, top + to * Pitch - (Pitch - BoxHeight) / 2, "start");
            }
            else if (to != from)
            {
                DrawArc(canvas, lanes.First(lane => lane.Edge == edge), from, to, width, left, top);
            }
        }
    }

    private void DrawArc(SvgCanvas canvas, Lane lane, int from, int to, double width, double left, double top)
    {
        var (side, x, colour) = lane.Down > 0 ? (1, left + BoxWidth, SvgCanvas.Blue) : (-1, left, SvgCanvas.Amber);
        var reach = NearestLane + lane.Index * LaneWidth;
        var (start, end) = (top + from * Pitch + BoxHeight * 0.7, top + to * Pitch + BoxHeight * 0.3);

        // A cubic curve reaches three quarters of the way to its handles.
        canvas.Arrow(x, start, x, end, side * reach / 0.75, colour, width);
        DrawLabel(canvas, lane.Edge, x + side * (reach + 6), (start + end) / 2, side > 0 ? "start" : "end");
    }

    private void DrawLabel(SvgCanvas canvas, Edge edge, double x, double y, string anchor)
    {
        canvas.Text(x, y - 1, text.ShortTokensOf(edge), anchor, 11.5);
        canvas.Text(x, y + 12, string.Create(CultureInfo.InvariantCulture, $"{Lift(edge):0.#}×, {edge.Evidence.Support:N0} seen"), anchor, 10.5);
    }

    private string Label(Edge edge) => string.Create(CultureInfo.InvariantCulture, $"{text.ShortTokensOf(edge)} {Lift(edge):0.#}×");

    // The lesser one: an edge needs both.
    private static double Lift(Edge edge) => Math.Min(edge.Evidence.Lift, edge.Evidence.SequenceLift);

    private static double Margin(IEnumerable<Lane> lanes)
    {
        var furthest = lanes.Select(static lane => lane.Index).DefaultIfEmpty(-1).Max();
        return furthest < 0 ? 24 : NearestLane + furthest * LaneWidth + LabelWidth;
    }

    /// <summary>Arcs of one side that overlap run beside one another, the short ones inside.</summary>
    private static List<Lane> Lanes(SmallAutomaton automaton)
    {
        var lanes = new List<Lane>();
        var arcs = automaton.Edges
            .Select(edge => (Edge: edge, From: Row(automaton, edge.Source), To: Row(automaton, edge.Target)))
            .Where(static arc => arc.To - arc.From is not (0 or 1))
            .OrderBy(static arc => Math.Abs(arc.To - arc.From));
        foreach (var (edge, from, to) in arcs)
        {
            var (first, last) = (Math.Min(from, to), Math.Max(from, to));
            var taken = lanes.Where(lane => Math.Sign(lane.Down) == Math.Sign(to - from) && lane.First < last && first < lane.Last).Select(static lane => lane.Index).ToHashSet();
            lanes.Add(new Lane(edge, Enumerable.Range(0, int.MaxValue).First(index => !taken.Contains(index)), first, last, to - from));
        }

        return lanes;
    }

    private static int Row(SmallAutomaton automaton, int feature) => automaton.Features.TakeWhile(other => other != feature).Count();

    /// <summary>Where an arc runs.</summary>
    private sealed record Lane(Edge Edge, int Index, int First, int Last, int Down);
}
