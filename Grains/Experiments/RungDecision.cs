using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Experiments;

/// <summary>What became of the dictionaries on one model at a rung; once noted, it stays.</summary>
/// <param name="Model">The model.</param>
/// <param name="Rung">Share of a dictionary's tokens.</param>
/// <param name="Metric">By which they were ranked.</param>
/// <param name="Places">Those that were ranked, best first.</param>
/// <param name="Kept">So many of them go on, from the first; the others are out.</param>
[GenerateSerializer, Immutable, Alias("rung-decision")]
public sealed record RungDecision(
    [property: Id(0)] StageKey Model,
    [property: Id(1)] double Rung,
    [property: Id(2)] string Metric,
    [property: Id(3)] IReadOnlyList<RungPlace> Places,
    [property: Id(4)] int Kept)
{
    /// <summary>How a dictionary stood; null: it was not ranked.</summary>
    public RungPlacing? PlacingOf(StageKey stage)
    {
        for (var i = 0; i < Places.Count; i++)
        {
            if (Places[i].Stage == stage)
                return new RungPlacing(Rung, Places[i].Value, i + 1, Places.Count, Kept);
        }

        return null;
    }
}

/// <summary>A dictionary's place at a rung.</summary>
/// <param name="Stage">The dictionary.</param>
/// <param name="Value">Of the metric.</param>
[GenerateSerializer, Immutable, Alias("rung-place")]
public sealed record RungPlace([property: Id(0)] StageKey Stage, [property: Id(1)] double Value);
