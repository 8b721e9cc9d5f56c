using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Sweeps;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs;

/// <summary>What <c>early_stop</c> must fulfil together with the dictionaries that compete.</summary>
internal static class EarlyStopRules
{
    public static void Check(SpecSection section, IReadOnlyList<DictionaryBlock> blocks, SpecProblems problems)
    {
        if (!section.TryGet(EarlyStopKeys.Rungs, out var rungs))
        {
            return;
        }

        var node = section.NodeOf(EarlyStopKeys.Rungs)!;
        var path = section.PathOf(EarlyStopKeys.Rungs);
        if (rungs.Distinct().Count() < rungs.Count)
        {
            return; // told where the list was read
        }

        for (var i = 1; i < rungs.Count; i++)
        {
            if (rungs[i] < rungs[i - 1])
            {
                problems.Add(node, $"{path}: {Shown.Number(rungs[i])} after {Shown.Number(rungs[i - 1])}", node.Found, "growing shares");
                return;
            }
        }

        var clashes = blocks.SelectMany(block => block.Points).Select(Steps).Where(steps => steps > 0).Distinct().Order()
            .Select(steps => (Steps: steps, Text: Clash(rungs, steps)));
        if (clashes.FirstOrDefault(clash => clash.Text is not null) is { Text: { } text } first)
        {
            problems.Add(node, $"{path}: of {Shown.Number(first.Steps)} steps (dictionaries.tokens / batch_size), {text}", node.Found, "rungs at different steps before the last");
        }
    }

    /// <summary>Of the whole training; 0 where it is not known.</summary>
    private static long Steps(SweepPoint point) =>
        point.TryGet(DictionaryKeys.Tokens, out var tokens) && point.TryGet(DictionaryKeys.BatchSize, out var batch) ? (long)tokens / (long)batch : 0;

    private static string? Clash(IReadOnlyList<double> rungs, long steps)
    {
        var at = rungs.Select(rung => EarlyStop.StepOf(rung, steps)).ToList();
        if (at[^1] >= steps)
        {
            return $"{Shown.Number(rungs[^1])} is the last";
        }

        var same = Enumerable.Range(1, at.Count - 1).FirstOrDefault(i => at[i] == at[i - 1]);
        return same > 0 ? $"{Shown.Number(rungs[same - 1])} and {Shown.Number(rungs[same])} are one" : null;
    }
}
