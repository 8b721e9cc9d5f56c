using System.Globalization;
using Orleans;

namespace Orchestrator.Abstractions.Stages;

/// <summary>
/// Successive halving: the dictionaries on one model compete at rungs, and the worst of those that reach one stop there.
/// No part of an address: whatever goes on ends in the same bits.
/// </summary>
/// <param name="Metric">Name of a <see cref="Results.RankingMetric"/>.</param>
/// <param name="Rungs">Shares of a dictionary's tokens, growing, above 0 and below 1.</param>
/// <param name="Keep">Share of those that reach a rung which goes on from there, above 0 and below 1.</param>
[GenerateSerializer, Immutable, Alias("EarlyStop")]
public readonly record struct EarlyStop([property: Id(0)] string Metric, [property: Id(1)] IReadOnlyList<double> Rungs, [property: Id(2)] double Keep)
{
    public const double DefaultKeep = 0.5;

    /// <summary>The step at which a training is at a rung: the first that has seen this share of its tokens.</summary>
    /// <param name="rung">Share of the tokens.</param>
    /// <param name="steps">Of the whole training.</param>
    /// <returns>At least 1; <paramref name="steps"/> or more of a training that is too short for the rung.</returns>
    public static long StepOf(double rung, long steps) => Math.Max(1, CeilingOfShare(rung, steps));

    /// <summary>How many of those that are ranked at a rung go on.</summary>
    public int Survivors(int ranked) => ranked == 0 ? 0 : (int)Math.Max(1, CeilingOfShare(Keep, ranked));

    /// <summary>A share as people read it: <c>25 %</c>.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{(decimal)share * 100:0.##} %");

    public bool Equals(EarlyStop other) => Metric == other.Metric && Keep == other.Keep && Rungs.SequenceEqual(other.Rungs);

    public override int GetHashCode() => HashCode.Combine(Metric, Keep, Rungs.Count);

    /// <summary>In decimals, as people write shares: 0.07 of 100 is 7, which in binary is a little more.</summary>
    private static long CeilingOfShare(double share, long whole) => (long)decimal.Ceiling((decimal)share * whole);
}
