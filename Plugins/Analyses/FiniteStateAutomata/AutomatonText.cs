using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>Writes what was found for Graphviz and as JSON; features are labelled with their tokens.</summary>
internal sealed class AutomatonText(
    Automaton automaton, TransitionCounts counts, RaisedTokens raised, TopTokens topTokens, ITokenVocabulary vocabulary)
{
    // More cannot be read in one drawing; JSON and the table hold the rest.
    private const int CyclesDrawn = 30;
    private const int CyclesListed = 1_000;
    private const int LongestToken = 14;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The tokens by which an edge happens, for people.</summary>
    public string TokensOf(Edge edge) =>
        string.Join(' ', counts.TokensOf(edge.Source, edge.Target).Take(5).Select(Quote));

    /// <summary>The first of them, short enough for a drawing.</summary>
    public string ShortTokensOf(Edge edge) =>
        string.Join(' ', counts.TokensOf(edge.Source, edge.Target).Take(2).Select(ShortQuote));

    /// <summary>The tokens on which a feature is most active, short enough for a drawing.</summary>
    public string StateOf(int feature) => string.Join(' ', TopOf(feature, 3).Select(ShortQuote));

    /// <summary>The strongest cycles as a Graphviz digraph.</summary>
    public byte[] ToGraphviz()
    {
        var edges = automaton.Cycles().Take(CyclesDrawn).SelectMany(static cycle => cycle.Edges)
            .DistinctBy(static edge => (edge.Source, edge.Target)).ToList();
        var text = new StringBuilder("digraph automata {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n");
        foreach (var feature in edges.SelectMany(static edge => new[] { edge.Source, edge.Target }).Distinct().Order())
        {
            text.Append(CultureInfo.InvariantCulture, $"  f{feature} [label=\"{Escape($"{feature}\n{string.Join(' ', TopOf(feature, 4).Select(Quote))}")}\"];\n");
        }

        foreach (var edge in edges)
        {
            text.Append(CultureInfo.InvariantCulture, $"  f{edge.Source} -> f{edge.Target} [label=\"{Escape(TokensOf(edge))}\", penwidth={Math.Min(4, 0.5 + Math.Log10(edge.Evidence.Support)):0.##}];\n");
        }

        return Encoding.UTF8.GetBytes(text.Append("}\n").ToString());
    }

    /// <summary>Small automata, cycles, components and the features on them.</summary>
    public byte[] ToJson(IReadOnlyList<SmallAutomaton> small)
    {
        var cycles = automaton.Cycles().Take(CyclesListed).ToList();
        var components = automaton.Components();
        return JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                Nodes = components.SelectMany(static component => component).Order().Select(feature => new
                {
                    Feature = feature,
                    TopTokens = TopOf(feature, 8).Select(vocabulary.Display),
                    Raises = raised.Of(feature).Select(vocabulary.Display),
                }),
                Automata = small.Select(automaton => new { automaton.Features, Edges = automaton.Edges.Select(ForJson) }),
                Cycles = cycles.Select(cycle => new
                {
                    Features = cycle.Edges.Select(static edge => edge.Source),
                    WeakestLift = cycle.Weakest,
                    Edges = cycle.Edges.Select(ForJson),
                }),
                Components = components,
            },
            Json);
    }

    private object ForJson(Edge edge) => new
    {
        edge.Source,
        edge.Target,
        edge.Evidence.Support,
        edge.Evidence.Lift,
        edge.Evidence.SequenceLift,
        edge.LiftLow,
        Tokens = counts.TokensOf(edge.Source, edge.Target).Select(vocabulary.Display),
    };

    private IEnumerable<int> TopOf(int feature, int count) => topTokens.Of(feature, count).Select(static entry => entry.Token);

    private string Quote(int token) => "‹" + vocabulary.Display(token).Replace("\n", "⏎", StringComparison.Ordinal) + "›";

    private string ShortQuote(int token)
    {
        var quoted = Quote(token);
        return quoted.Length <= LongestToken + 2 ? quoted : string.Concat(quoted.AsSpan(0, LongestToken), "…›");
    }

    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)
        .Replace("\r", "", StringComparison.Ordinal);
}
