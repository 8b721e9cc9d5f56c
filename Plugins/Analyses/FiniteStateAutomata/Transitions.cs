using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>Neighbouring tokens of a batch that belong to one context and one document.</summary>
/// <param name="Sources">Rows of the earlier tokens.</param>
/// <param name="Targets">Rows of the later tokens.</param>
/// <param name="TargetTokens">The later tokens.</param>
internal sealed record Transitions(int[] Sources, int[] Targets, int[] TargetTokens)
{
    public static Transitions Of(TokenBatch batch)
    {
        var targets = Enumerable.Range(0, batch.Count)
            .Where(row => row % batch.Length != 0 && batch.Documents[row] == batch.Documents[row - 1])
            .ToArray();
        return new Transitions([.. targets.Select(static row => row - 1)], targets, [.. targets.Select(row => batch.Tokens[row])]);
    }

    /// <summary>The same earlier and the same later tokens, their pairing broken.</summary>
    public Transitions Shuffled(ulong seed, long stream)
    {
        var order = TokenShuffle.Order(Sources.Length, seed, stream);
        return this with { Sources = [.. order.Select(i => Sources[i])] };
    }
}
