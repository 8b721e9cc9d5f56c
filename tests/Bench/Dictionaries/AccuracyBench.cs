using Orchestrator.Abstractions.Stages;
using Orchestrator.Bench.Reporting;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Unit.Numerics.Dictionaries;
using static TorchSharp.torch;

namespace Orchestrator.Bench.Dictionaries;

/// <summary>How exact the gradients of every architecture are, and how well each finds a known dictionary.</summary>
internal sealed class AccuracyBench : IBenchmark
{
    private static readonly GradientPath[] Paths = [GradientPath.Dense, GradientPath.Sparse, GradientPath.DenseTensors, GradientPath.SparseTensors];

    public string Name => "accuracy";

    public string Summary => "gradients against automatic differentiation, and the planted dictionary, for every architecture";

    public Report Run(BenchOptions options)
    {
        var table = new Table(
            "architecture", "float32: lowest cosine", "largest relative error", "float64: largest relative error", "planted directions: mean max cosine");
        var rows = DictionaryArchitecture.All.Select(architecture => Measure(architecture.Name)).ToList();
        foreach (var row in rows) table.Add(row.Architecture, $"1 - {Figures.Text(1 - row.Cosine)}", row.Single, row.Double, row.Planted);
        return new Report("Accuracy of training", "gradients on all four paths at six points (random, none active, all active, zero input, ties, a batch of one); 256 planted directions in 64 dimensions, 1,500 steps",
            table,
            [
                TargetFigure.AtMost("gradients, float32, worst of all architectures, paths and points: 1 - cosine with autograd", 1e-5, 1 - rows.Min(row => row.Cosine), ""),
                TargetFigure.AtMost("gradients, float32, worst: relative error", 1e-4, rows.Max(row => row.Single), ""),
                TargetFigure.AtMost("gradients, float64, worst: relative error", 1e-9, rows.Max(row => row.Double), ""),
                TargetFigure.AtLeast("planted dictionary, worst architecture: mean max cosine", 0.95, rows.Min(row => row.Planted), ""),
            ],
            "The reference is automatic differentiation in float64.");
    }

    private static Row Measure(string architecture)
    {
        var kinds = Probe.Kinds.Where(kind => kind.StartsWith(architecture, StringComparison.Ordinal)).ToList();
        var single = Gradients(kinds, ScalarType.Float32).ToList();
        var doubles = Gradients(kinds, ScalarType.Float64);
        return new Row(
            architecture, single.Min(found => found.Cosine), single.Max(found => found.RelativeError), doubles.Max(found => found.RelativeError),
            PlantedDictionary.Recover(architecture).MeanMaxCosine);
    }

    private static IEnumerable<GradientComparison> Gradients(IReadOnlyList<string> kinds, ScalarType type) =>
        from kind in kinds
        from path in Paths
        from point in GradientComparison.Points
        from parameter in GradientComparison.Of(kind, path, point, type).Parameters
        select parameter;

    private sealed record Row(string Architecture, double Cosine, double Single, double Double, double Planted);
}
