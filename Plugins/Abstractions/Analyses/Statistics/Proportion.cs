namespace Orchestrator.Abstractions.Analyses.Statistics;

/// <summary>
/// A share that was counted, with its 95 % confidence interval by Wilson's score (1927), which holds near 0 and 1 too.
/// It takes what was counted for independent: tokens of one document are not quite, and their true interval is wider.
/// </summary>
/// <param name="Count">How many had the property.</param>
/// <param name="Total">Of how many.</param>
/// <example>0 of 100: 0, between 0 and 0.037. 8 of 10: 0.8, between 0.490 and 0.943.</example>
public readonly record struct Proportion(long Count, long Total)
{
    /// <summary>Standard errors on either side of the mean that hold 95 % of a normal distribution.</summary>
    public const double Z = 1.959964;

    /// <summary>The share; 0 of none.</summary>
    public double Value => Total == 0 ? 0 : (double)Count / Total;

    /// <summary>Lower bound; 0 of none.</summary>
    public double Low => Count == 0 ? 0 : Math.Clamp(Middle - HalfWidth, 0, Value);

    /// <summary>Upper bound; 1 of none.</summary>
    public double High => Count == Total ? 1 : Math.Clamp(Middle + HalfWidth, Value, 1);

    private double Middle => (Value + Z * Z / (2.0 * Total)) / (1 + Z * Z / Total);

    private double HalfWidth => Z * Math.Sqrt(Value * (1 - Value) / Total + Z * Z / (4.0 * Total * Total)) / (1 + Z * Z / Total);
}
