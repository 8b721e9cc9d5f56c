using Orchestrator.Abstractions.Analyses;
using Xunit;

namespace Orchestrator.Conformance;

/// <summary>What every analysis keeps to. Derive a test class from it, in your own test project.</summary>
public abstract class AnalysisConformance
{
    /// <summary>The analysis' part of <c>plugin.json</c>.</summary>
    protected abstract AnalysisManifest Manifest { get; }

    /// <summary>A fresh instance.</summary>
    protected abstract IAnalysis Create();

    /// <summary>A world to run on; override it where the analysis needs one of its own. Equal arguments, equal worlds.</summary>
    protected virtual PlantedContext Context(ulong seed, bool withNulls) => PlantedWorld.Context(Manifest, seed, withNulls);

    [Fact]
    public void Manifest_IsValid()
    {
        Assert.Matches("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", Manifest.Kind);
        Assert.NotEmpty(Manifest.Metrics);
        Assert.Equal(Manifest.Metrics.Count, Manifest.Metrics.Select(static metric => metric.Name).Distinct().Count());
        Assert.Equal(Manifest.Options.Count, Manifest.Options.Select(static option => option.Name).Distinct().Count());
        Assert.All(Manifest.Metrics, static metric =>
        {
            Assert.Matches("^[a-z][a-z0-9]*(_[a-z0-9]+)*$", metric.Name);
            Assert.NotEmpty(metric.Description);
        });
        Assert.All(Manifest.Options, static option =>
        {
            Assert.Matches("^[a-z][a-z0-9]*(_[a-z0-9]+)*$", option.Name);
            Assert.NotEmpty(option.Description);
            if (option.Type is OptionType.Integer or OptionType.Number)
            {
                Assert.InRange(option.Default.GetDouble(), option.Minimum ?? double.MinValue, option.Maximum ?? double.MaxValue);
            }
        });
    }

    [Fact]
    public void Run_GivesEveryPromisedMetricAndNoOther()
    {
        var outcome = Create().Run(Context(1, withNulls: true), CancellationToken.None);
        Assert.Equal(Manifest.Metrics.Select(static metric => metric.Name).Order(), outcome.Metrics.Keys.Order());
        Assert.All(outcome.Metrics, static metric => Assert.True(double.IsFinite(metric.Value), metric.Key));
        Assert.NotEmpty(outcome.Verdict);
    }

    [Fact]
    public void Run_NamesNullsAfterTheirMetric()
    {
        var outcome = Create().Run(Context(1, withNulls: true), CancellationToken.None);
        Assert.NotEmpty(outcome.NullMetrics);
        Assert.All(outcome.NullMetrics, metric =>
        {
            Assert.True(double.IsFinite(metric.Value), metric.Key);
            Assert.Contains(Manifest.Metrics, promised => metric.Key.StartsWith(promised.Name + "_", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Run_IsTheSameForEqualSeeds()
    {
        var (first, second) = (Context(7, withNulls: true), Context(7, withNulls: true));
        var (one, two) = (Create().Run(first, CancellationToken.None), Create().Run(second, CancellationToken.None));
        Assert.Equal(one.Metrics.OrderBy(static metric => metric.Key), two.Metrics.OrderBy(static metric => metric.Key));
        Assert.Equal(one.NullMetrics.OrderBy(static metric => metric.Key), two.NullMetrics.OrderBy(static metric => metric.Key));
        Assert.Equal(first.Tables.Keys.Order(), second.Tables.Keys.Order());
        foreach (var (name, table) in first.Tables)
        {
            Assert.All(table.Columns.Zip(second.Tables[name].Columns), static pair => Assert.Equal(pair.First.Values, pair.Second.Values));
        }

        Assert.Equal(first.Files.Keys.Order(), second.Files.Keys.Order());
        Assert.All(first.Files, file => Assert.Equal(file.Value, second.Files[file.Key]));
    }

    [Fact]
    public void Run_WithoutRandomTwin_StillAnswers()
    {
        var outcome = Create().Run(Context(1, withNulls: false), CancellationToken.None);
        Assert.Equal(Manifest.Metrics.Count, outcome.Metrics.Count(static metric => double.IsFinite(metric.Value)));
    }

    [Fact]
    public void Run_Cancelled_StopsAtTheNextBatch()
    {
        using var cancellation = new CancellationTokenSource();
        var context = Context(1, withNulls: true);
        var handedOut = 0;
        context.BeforeBatch = batch =>
        {
            handedOut++;
            if (batch == 1)
            {
                cancellation.Cancel();
            }
        };
        Assert.ThrowsAny<OperationCanceledException>(() => Create().Run(context, cancellation.Token));
        Assert.InRange(handedOut, 2, 3);
        Assert.Empty(context.Tables);
    }

    [Fact]
    public void Run_TellsThatItIsDone()
    {
        var context = Context(1, withNulls: true);
        Create().Run(context, CancellationToken.None);
        Assert.Equal(1, context.LastProgress);
    }

    [Fact]
    public void Run_WritesTablesOfEqualColumns()
    {
        var context = Context(1, withNulls: true);
        Create().Run(context, CancellationToken.None);
        Assert.All(context.Tables.Values, static table =>
            Assert.Single(table.Columns.Select(static column => column.Values.Length).Distinct()));
    }
}
