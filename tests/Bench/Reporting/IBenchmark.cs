namespace Orchestrator.Bench.Reporting;

/// <summary>One question about speed, memory or accuracy, answered by measuring.</summary>
internal interface IBenchmark
{
    /// <summary>Its verb, and the name of its file of results.</summary>
    string Name { get; }

    /// <summary>What is compared, in one line.</summary>
    string Summary { get; }

    /// <summary>Measures with the options that concern it.</summary>
    Report Run(BenchOptions options);
}
