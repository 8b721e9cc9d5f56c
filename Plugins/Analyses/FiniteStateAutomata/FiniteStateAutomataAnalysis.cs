using System.Globalization;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>
/// Features as states: an edge leads from a feature to one that fires on the next token, by way of tokens that the first
/// one raises (paper, "Finite-state automata", which gives no algorithm). An edge needs two lifts: the target belongs to
/// the raised tokens, and the source tells that they come. Nulls: neighbours shuffled, neurons, the random twin's dictionary.
/// </summary>
public sealed class FiniteStateAutomataAnalysis : IAnalysis
{
    private const int SmallAutomata = 50;
    private const int AutomataDrawn = 3;

    public AnalysisOutcome Run(IAnalysisContext context, CancellationToken cancellationToken)
    {
        var options = FiniteStateAutomataOptions.From(context.Options);
        var dictionary = context.Dictionaries[0];
        var twin = context.NearestNull(dictionary.FeatureCount);
        var features = new Nodes(context.Features(dictionary), context, options, main: true, cancellationToken);
        var neurons = new Nodes(context.Neurons(dictionary), context, options, main: false, cancellationToken);
        var twins = twin is null ? null : new Nodes(context.Features(twin), context, options, main: false, cancellationToken);
        var topTokens = new TopTokens(dictionary.FeatureCount);
        Count(context, options, features, twins is null ? [neurons] : [neurons, twins], topTokens, cancellationToken);

        var automaton = features.Automaton(options, cancellationToken);
        var metrics = automaton.Metrics("");
        var nulls = new List<KeyValuePair<string, double>>();
        nulls.AddRange(features.ShuffledAutomaton(options, cancellationToken)?.Metrics("_shuffled_tokens") ?? []);
        nulls.AddRange(neurons.Automaton(options, cancellationToken).Metrics("_neurons"));
        nulls.AddRange(twins?.Automaton(options, cancellationToken).Metrics("_random_twin") ?? []);

        var text = new AutomatonText(automaton, features.Counts, features.Raised, topTokens, context.Vocabulary);
        var small = SmallAutomaton.Of(automaton.Edges, SmallAutomata);
        context.WriteTable("edges", Table(automaton, text));
        context.WriteFile("automata.svg", new AutomatonFigure(text).Draw([.. small.Take(AutomataDrawn)]));
        context.WriteFile("automata.dot", text.ToGraphviz());
        context.WriteFile("automata.json", text.ToJson(small));
        context.Progress(1);
        return new AnalysisOutcome(metrics, nulls.ToDictionary(), Verdict(metrics, nulls.ToDictionary()));
    }

    private static void Count(
        IAnalysisContext context,
        FiniteStateAutomataOptions options,
        Nodes features,
        IReadOnlyList<Nodes> nulls,
        TopTokens topTokens,
        CancellationToken cancellationToken)
    {
        var seen = 0L;
        foreach (var batch in context.Tokens(options.MaxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var transitions = Transitions.Of(batch);
            var shuffled = transitions.Shuffled(context.Seed, batch.FirstToken);
            var activations = features.Source.Activations(batch);
            var ofNulls = nulls.Select(nodes => nodes.Source.Activations(batch)).ToList();
            // Each counts for itself, so that they may do so at the same time.
            Parallel.Invoke(
                [
                    () => features.Add(activations, transitions),
                    () => features.AddShuffled(activations, shuffled),
                    () => topTokens.Add(activations, batch.Tokens),
                    .. nulls.Select((nodes, i) => (Action)(() => nodes.Add(ofNulls[i], transitions))),
                ]);
            seen += batch.Count;
            context.Progress(Math.Min(0.9, 0.9 * seen / options.MaxTokens));
        }
    }

    private static AnalysisTable Table(Automaton automaton, AutomatonText text) => new(
    [
        new AnalysisColumn("source", automaton.Edges.Select(static edge => edge.Source).ToArray()),
        new AnalysisColumn("target", automaton.Edges.Select(static edge => edge.Target).ToArray()),
        new AnalysisColumn("support", automaton.Edges.Select(static edge => edge.Evidence.Support).ToArray()),
        new AnalysisColumn("lift", automaton.Edges.Select(static edge => edge.Evidence.Lift).ToArray()),
        new AnalysisColumn("sequence_lift", automaton.Edges.Select(static edge => edge.Evidence.SequenceLift).ToArray()),
        new AnalysisColumn("lift_low", automaton.Edges.Select(static edge => edge.LiftLow).ToArray()),
        new AnalysisColumn("tokens", automaton.Edges.Select(text.TokensOf).ToArray()),
    ]);

    private static string Verdict(Dictionary<string, double> metrics, Dictionary<string, double> nulls)
    {
        string Edges(IReadOnlyDictionary<string, double> from, string suffix) => !from.TryGetValue("edges" + suffix, out var edges)
            ? "not measured"
            : edges == 0 ? "none"
            : string.Create(CultureInfo.InvariantCulture, $"{edges:N0} at lift {from["median_lift" + suffix]:0.#}");

        return string.Create(
            CultureInfo.InvariantCulture,
            $"Transitions with evidence: {Edges(metrics, "")}, which close {metrics["cycles"]:N0} short cycles (neurons {Edges(nulls, "_neurons")}, random twin {Edges(nulls, "_random_twin")}, shuffled tokens {Edges(nulls, "_shuffled_tokens")}).");
    }
}
