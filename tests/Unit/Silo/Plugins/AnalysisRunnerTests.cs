using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Conformance;
using Orchestrator.Planning.Plugins;
using Orchestrator.Silo.Plugins;
using Orchestrator.Unit.Analyses;
using Parquet;
using Xunit;

namespace Orchestrator.Unit.Silo.Plugins;

public sealed class AnalysisRunnerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("analysis").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Run_BuiltIn_WritesACompletedResult()
    {
        var analysis = BuiltInAnalyses.Host.Create("universality");
        var result = AnalysisRunner.Run(analysis, PlantedWorld.Context(analysis.Manifest, 1), _folder, CancellationToken.None);
        Assert.Equal("completed", result.Status);
        var read = ResultJson.Read<AnalysisResult>(Path.Combine(_folder, "result.json"));
        Assert.Equal(result.Metrics.OrderBy(static metric => metric.Key), read.Metrics.OrderBy(static metric => metric.Key));
        Assert.Equal("orchestrator.universality", read.Plugin);
    }

    [Fact]
    public void Run_ThatThrows_IsAFailedResultWithEveryPromisedMetric()
    {
        var result = Run(static (_, _) => throw new InvalidOperationException("no stars tonight"));
        Assert.Equal("failed", result.Status);
        Assert.Contains("no stars tonight", result.Error, StringComparison.Ordinal);
        Assert.True(double.IsNaN(result.Metrics["luck"]));
        Assert.Contains(AnalysisOutput.ErrorName, result.Artefacts);
    }

    [Theory]
    [InlineData("luck", double.NaN, "luck is NaN")]
    [InlineData("other", 1.0, "luck is missing")]
    public void Run_ThatBreaksAPromise_IsAFailedResult(string metric, double value, string problem)
    {
        var result = Run((_, _) => new AnalysisOutcome(new Dictionary<string, double> { [metric] = value }, new Dictionary<string, double>(), "."));
        Assert.Equal("failed", result.Status);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => Run(
            static (_, token) => { token.ThrowIfCancellationRequested(); return null!; }, cancellation.Token));
    }

    [Theory]
    [InlineData("../outside.svg")]
    [InlineData("a/b.svg")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("result.json")]
    public void WriteFile_ThatIsNoPlainName_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => new AnalysisOutput(_folder).WriteFile(name, [1]));

    [Fact]
    public async Task WriteTable_IsReadBack()
    {
        new AnalysisOutput(_folder).WriteTable("all-types", new AnalysisTable(
        [
            new AnalysisColumn("whole", new[] { 1, 2 }),
            new AnalysisColumn("long", new[] { 1L, 2L }),
            new AnalysisColumn("single", new[] { 1f, 2f }),
            new AnalysisColumn("double", new[] { 1.0, 2.0 }),
            new AnalysisColumn("flag", new[] { true, false }),
            new AnalysisColumn("text", new[] { "a", "" }),
        ]));
        await using var reader = await ParquetReader.CreateAsync(Path.Combine(_folder, "all-types.parquet"));
        Assert.Equal(["whole", "long", "single", "double", "flag", "text"], reader.Schema.DataFields.Select(static field => field.Name));
        var values = new double[2];
        using var group = reader.OpenRowGroupReader(0);
        await group.ReadAsync<double>(reader.Schema.DataFields[3], values);
        Assert.Equal([1.0, 2.0], values);
    }

    [Fact]
    public void WriteTable_WithoutRows_IsWritten()
    {
        new AnalysisOutput(_folder).WriteTable("empty", new AnalysisTable([new AnalysisColumn("feature", Array.Empty<int>()), new AnalysisColumn("text", Array.Empty<string>())]));
        Assert.True(File.Exists(Path.Combine(_folder, "empty.parquet")));
    }

    [Fact]
    public void WriteTable_OfUnequalColumns_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new AnalysisOutput(_folder).WriteTable("odd", new AnalysisTable(
            [new AnalysisColumn("a", new[] { 1 }), new AnalysisColumn("b", new[] { 1, 2 })])));

    private AnalysisResult Run(Func<IAnalysisContext, CancellationToken, AnalysisOutcome> run, CancellationToken cancellationToken = default)
    {
        var manifest = new AnalysisManifest
        {
            Kind = "horoscope",
            Type = "Horoscope",
            Summary = "What do the stars say?",
            Inputs = AnalysisInputs.Dictionary,
            Metrics = [new MetricManifest { Name = "luck", Unit = "share", Version = 1, Description = "Luck." }],
        };
        var plugin = new PluginManifest { Id = "test.horoscope", Version = "1.0.0", EntryAssembly = "x.dll", ContractLevel = 1, Analyses = [manifest] };
        var entry = new PluginEntry(_folder, PluginState.Active, plugin, "", null);
        return AnalysisRunner.Run(
            new LoadedAnalysis(entry, manifest, new Scripted(run)), PlantedWorld.Context(manifest, 1), _folder, cancellationToken);
    }

    private sealed class Scripted(Func<IAnalysisContext, CancellationToken, AnalysisOutcome> run) : IAnalysis
    {
        public AnalysisOutcome Run(IAnalysisContext context, CancellationToken cancellationToken) => run(context, cancellationToken);
    }
}
