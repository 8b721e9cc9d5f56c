using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Planning.Estimates;

/// <summary>What early stopping leaves to be trained, were nothing trained yet.</summary>
/// <param name="Rule">How dictionaries compete.</param>
/// <param name="Models">On how many models they do.</param>
/// <param name="Dictionaries">How many compete on each.</param>
/// <param name="Rungs">In order.</param>
/// <param name="Tokens">Of all that compete, were each trained to its end.</param>
/// <param name="ExpectedTokens">With early stopping, where nobody is left out of the count; which of several lengths are stopped is not known, so that they count alike.</param>
public sealed record EarlyStopEstimate(EarlyStop Rule, int Models, int Dictionaries, IReadOnlyList<RungEstimate> Rungs, long Tokens, long ExpectedTokens)
{
    /// <summary>Share of the tokens that is not trained; the harvest goes on as long as one dictionary does.</summary>
    public double Saved => Tokens == 0 ? 0 : 1 - ((double)ExpectedTokens / Tokens);

    /// <summary>Null where nothing competes.</summary>
    public static EarlyStopEstimate? Of(ExperimentPlan plan)
    {
        var competing = plan.Stages.Where(stage => stage.EarlyStop is not null).ToList();
        if (competing.Count == 0)
        {
            return null;
        }

        var rule = competing[0].EarlyStop!.Value;
        var models = competing.Select(stage => ((DictionaryStage)stage.Definition).Model).Distinct().Count();
        var dictionaries = competing.Count / models; // the same on each
        var (left, before, share) = (dictionaries, 0.0, 0.0);
        var rungs = new List<RungEstimate>();
        foreach (var rung in rule.Rungs)
        {
            share += left * (rung - before);
            rungs.Add(new RungEstimate(rung, left, rule.Survivors(left)));
            (left, before) = (rule.Survivors(left), rung);
        }

        share = (share + (left * (1 - before))) / dictionaries;
        var tokens = competing.Sum(stage => stage.Work);
        return new EarlyStopEstimate(rule, models, dictionaries, rungs, tokens, (long)Math.Round(tokens * share));
    }
}

/// <summary>A rung on one model.</summary>
/// <param name="Rung">Share of a dictionary's tokens.</param>
/// <param name="Dictionaries">Those that reach it.</param>
/// <param name="Kept">Those that go on.</param>
public sealed record RungEstimate(double Rung, int Dictionaries, int Kept);
