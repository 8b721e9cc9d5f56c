using System.Diagnostics;
using System.Globalization;
using Orchestrator.Bench.Reporting;

namespace Orchestrator.Bench.Dictionaries;

/// <summary>What a dictionary takes while it trains, each size in a process of its own.</summary>
internal sealed class MemoryBench : IBenchmark
{
    private const double Asked = 5;

    public string Name => "memory";

    public string Summary => "peak memory of a dictionary's training over the bytes of its parameters";

    public Report Run(BenchOptions options)
    {
        var table = new Table("F", "parameters, MB", "peak of training, MB", "peak / parameters");
        var targets = new List<TargetFigure>();
        foreach (var features in options.Features)
        {
            var peak = PeakOf(options, features);
            var parameters = new Member(features).ParameterBytes(options.Dim);
            var ratio = (double)peak / parameters;
            table.Add(features, parameters / 1e6, peak / 1e6, ratio);
            targets.Add(TargetFigure.AtMost($"memory of training, F = {features}: peak / parameters", Asked, ratio, "×"));
        }

        return new Report("Memory of a dictionary", FormattableString.Invariant($"{options.DictionarySetting}, L0 {options.L0}"), table, targets,
            "Each in a process of its own: what the kernel counts as its peak, less what it held before the dictionary was made, when libtorch and its threads were there already. Parameters, gradients and Adam's moments of 20 steps; batches are not counted, a batch's work areas are.");
    }

    private static long PeakOf(BenchOptions options, int features)
    {
        string[] arguments = [DictionaryMemory.Verb, $"{features}", $"{options.Dim}", $"{options.Batch}", options.L0.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo(Environment.ProcessPath!, [.. OwnAssembly(), .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? long.Parse(text, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The process for {features} features ended with {process.ExitCode}.");
    }

    /// <summary>Of a process that <c>dotnet FILE</c> started.</summary>
    private static string[] OwnAssembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(MemoryBench).Assembly.Location] : [];
}
