using System.Globalization;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Grains.Experiments;

/// <summary>
/// Who goes on at which rung: a pure function of what was measured and of what was decided before. Those of one model
/// compete; a rung is decided once all that are still in and may come to it were measured there. Who was not measured at a
/// rung and is beyond it, or at its end, neither competes there nor counts.
/// </summary>
public static class SuccessiveHalving
{
    /// <summary>The decisions that can be taken now beyond those that were.</summary>
    /// <param name="rule">How they compete.</param>
    /// <param name="model">The model they are on.</param>
    /// <param name="field">All of them, in the order of the plan, which decides between equals.</param>
    /// <param name="taken">What was decided, of any model.</param>
    public static IReadOnlyList<RungDecision> Decide(EarlyStop rule, StageKey model, IReadOnlyList<Competitor> field, IReadOnlyList<RungDecision> taken)
    {
        var made = new List<RungDecision>();
        foreach (var rung in rule.Rungs)
        {
            if (Find(taken, model, rung) is not null)
                continue;

            var left = Left(field, model, rung, [.. taken, .. made]);
            if (left.Any(competitor => competitor.IsAwaitedAt(rung, rule.Metric)))
                break;

            made.Add(Rank(rule, model, rung, left));
        }

        return made;
    }

    /// <summary>The dictionaries that are out, each with the decision that says so.</summary>
    public static IReadOnlyDictionary<StageKey, RungDecision> Outside(IEnumerable<RungDecision> taken)
    {
        var outside = new Dictionary<StageKey, RungDecision>();
        foreach (var decision in taken)
        {
            foreach (var place in decision.Places.Skip(decision.Kept))
                outside.TryAdd(place.Stage, decision);
        }

        return outside;
    }

    public static RungDecision? Find(IEnumerable<RungDecision> taken, StageKey model, double rung) =>
        taken.FirstOrDefault(decision => decision.Model == model && decision.Rung == rung);

    /// <summary>For people: why a dictionary was stopped.</summary>
    public static string Reason(RungDecision decision, StageKey stage)
    {
        var placing = decision.PlacingOf(stage)!;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"stopped early at {EarlyStop.Percent(decision.Rung)} of its tokens: {decision.Metric} {placing.Value:G4} is {Ordinal(placing.Rank)} of {placing.Ranked}, {decision.Kept} {(decision.Kept == 1 ? "goes" : "go")} on");
    }

    /// <summary>For people: what a dictionary waits for at a rung.</summary>
    public static string Waiting(EarlyStop rule, StageKey model, double rung, IReadOnlyList<Competitor> field, IReadOnlyList<RungDecision> taken)
    {
        var left = Left(field, model, rung, taken);
        var awaited = left.Count(competitor => competitor.IsAwaitedAt(rung, rule.Metric));
        var measured = left.Count(competitor => competitor.ValueAt(rung, rule.Metric) is not null);
        var remark = awaited == 0 ? "about to be decided"
            : string.Create(CultureInfo.InvariantCulture, $"{awaited} of {awaited + measured} {(awaited == 1 ? "has" : "have")} not come there");
        return $"waits at {EarlyStop.Percent(rung)}: {remark}";
    }

    /// <summary>Those that no earlier rung put out.</summary>
    private static List<Competitor> Left(IReadOnlyList<Competitor> field, StageKey model, double rung, IReadOnlyList<RungDecision> taken)
    {
        var outside = Outside(taken.Where(decision => decision.Model == model && decision.Rung < rung));
        return [.. field.Where(competitor => !outside.ContainsKey(competitor.Stage))];
    }

    private static RungDecision Rank(EarlyStop rule, StageKey model, double rung, IReadOnlyList<Competitor> left)
    {
        var metric = RankingMetric.Find(rule.Metric) ?? throw new ArgumentException($"There is no metric {rule.Metric} by which dictionaries could be put in order.", nameof(rule));
        var places = left
            .Where(competitor => competitor.ValueAt(rung, rule.Metric) is not null)
            .Select(competitor => new RungPlace(competitor.Stage, competitor.ValueAt(rung, rule.Metric)!.Value))
            .Order(Comparer<RungPlace>.Create((left, right) => metric.Compare(left.Value, right.Value))) // stable: equals stay in the plan's order
            .ToList();
        return new RungDecision(model, rung, rule.Metric, places, rule.Survivors(places.Count));
    }

    private static string Ordinal(int rank) => (rank % 100) switch
    {
        11 or 12 or 13 => $"{rank}th",
        _ => $"{rank}{(rank % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" }}",
    };
}
