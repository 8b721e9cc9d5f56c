namespace Orchestrator.Abstractions.Analyses;

/// <summary>Named columns of equal length, written as Parquet.</summary>
/// <param name="Columns">At least one; each column is <c>int[]</c>, <c>long[]</c>, <c>float[]</c>, <c>double[]</c>,
/// <c>bool[]</c> or <c>string[]</c>; names are snake_case.</param>
public sealed record AnalysisTable(IReadOnlyList<AnalysisColumn> Columns);

/// <summary>One column.</summary>
public sealed record AnalysisColumn(string Name, Array Values);
