using System.Text.Json;
using Orchestrator.Abstractions.Results;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Grains.Reports;
using Xunit;

namespace Orchestrator.Unit.Reports;

public sealed class ExperimentReporterTests : IDisposable
{
    private readonly TemporaryExperiment _experiment = new();

    public void Dispose() => _experiment.Dispose();

    [Fact]
    public async Task Write_PutsTheResultsOfAllStagesIntoTheSummary()
    {
        var summary = await Summary();
        Assert.Equal("completed", summary.Status);
        Assert.Equal((2, 12), (summary.CachedStages, summary.ComputedStages));
        Assert.Equal([1UL, 2UL, 1UL], summary.Models.Select(model => model.Seed));
        Assert.Equal([false, false, true], summary.Models.Select(model => model.RandomWeights));
        Assert.Equal(_experiment.Dictionaries.Select(key => key.Value), summary.Dictionaries.Select(d => d.Id));
        Assert.Equal(summary.Models[1].Id, summary.Dictionaries[3].Model);
        var universality = Assert.Single(summary.Analyses, analysis => analysis.Kind == "universality");
        Assert.Equal(0.3391, universality.NullMetrics["median_correlation"]);
        Assert.All(universality.Artefacts, path => Assert.True(File.Exists(Path.Combine(_experiment.Root, path)), path));
    }

    [Fact]
    public async Task Write_HasTheMetricsOfEachResultsVersion()
    {
        var summary = await Summary();
        var (newer, older) = (summary.Dictionaries[0], summary.Dictionaries[6]);
        Assert.Equal((2, 4.55, 0.0625, double.NaN), (newer.MetricsVersion, newer.L1, newer.FeaturesAboveOnePercent, newer.RelativeReconstructionBias));
        Assert.Equal((0.00123, 0.912, 2.5, 0.902), (newer.MeanSquaredError, newer.L2Ratio, newer.KlZero, newer.KlRecovered));
        Assert.Equal((1, null, null, null), (older.MetricsVersion, older.L1, older.KlSpliced, older.MeanMaxDecoderCosine));
    }

    [Fact]
    public async Task Page_ShowsADashForWhatAnOlderResultDoesNotHave()
    {
        await Summary();
        var page = Page();
        Assert.Contains("<strong>9.1</strong></td><td class=\"n\">4.5</td><td class=\"n\"><strong>0.902</strong></td><td class=\"n\">0.245</td><td class=\"n\">0.772</td><td class=\"n\">0.872</td>", page, StringComparison.Ordinal);
        Assert.Contains("<strong>31.7</strong></td><td class=\"n\">–</td><td class=\"n\"><strong>0.610</strong></td><td class=\"n\">–</td><td class=\"n\">0.480</td><td class=\"n\">–</td>", page, StringComparison.Ordinal);
        Assert.Contains("<td class=\"n\">0.00123</td><td class=\"n\">0.912</td><td class=\"n\">–</td><td class=\"n\">0.902</td><td class=\"n\">2.500</td><td class=\"n\">6.2 %</td><td class=\"n\">0.0 %</td><td class=\"n\">0.370</td>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_UsesTheNamesThatWerePromised()
    {
        await Summary();
        using var json = JsonDocument.Parse(File.ReadAllText(_experiment.Store.Layout.Summary(_experiment.Finished().Id)));
        Assert.All(["experiment", "id", "status", "wall_seconds", "cached_stages", "computed_stages", "models", "dictionaries", "analyses"], name => Assert.True(json.RootElement.TryGetProperty(name, out _), name));
    }

    [Fact]
    public async Task WhatWasStoppedEarly_IsListedWithItsPlaces_AndIsNoFailure()
    {
        _experiment.StopEarly("dictionary 512 on model seed 1", "stopped early at 25 % of its tokens: it is <3rd>");
        var summary = await Summary();

        Assert.Equal("completed", summary.Status);
        Assert.Empty(summary.Failures);
        var stopped = Assert.Single(summary.Stopped);
        Assert.Equal(("dictionary-dddddddddddd", "loss_recovered"), (stopped.Id, stopped.Metric));
        Assert.Equal((0.25, 3, 4, 2), Assert.Single(stopped.Rungs) is var rung ? (rung.Rung, rung.Rank, rung.Ranked, rung.Kept) : default);
        Assert.Equal(0.7, stopped.Rungs[0].Value, 6);
        Assert.Contains("<td>25 %: loss_recovered 0.7, 3 of 4</td><td>stopped early at 25 % of its tokens: it is &lt;3rd&gt;</td>", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OfAFailedExperiment_NamesEveryFailure()
    {
        _experiment.Fail("analysis finite-state-automata", "The plugin threw: <oops>");
        var summary = await Summary(ExperimentPhase.Failed);
        Assert.Equal("failed", summary.Status);
        Assert.Equal("The plugin threw: <oops>", Assert.Single(summary.Failures).Reason);
        Assert.Contains("The plugin threw: &lt;oops&gt;", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OfAFailedAnalysis_ListsItWithEveryMetricThatItPromised()
    {
        _experiment.FailAnalysis("universality", "universality: InvalidOperationException: no <features>");
        var summary = await Summary(ExperimentPhase.Failed);
        var failed = Assert.Single(summary.Analyses, analysis => analysis.Status == "failed");
        Assert.Equal(("universality", "orchestrator.universality"), (failed.Kind, failed.Plugin));
        Assert.Equal([_experiment.Dictionaries[0].Value, _experiment.Dictionaries[3].Value], failed.Inputs);
        Assert.Equal("universality: InvalidOperationException: no <features>", failed.Error);
        Assert.Equal(["matched_fraction", "median_correlation"], failed.Metrics.Keys.Order());
        Assert.All(failed.Metrics.Values, value => Assert.Equal(double.NaN, value));
        Assert.Contains("Failed: universality: InvalidOperationException: no &lt;features&gt;", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OfAFailedAnalysisWhosePluginIsGone_StillListsIt()
    {
        _experiment.FailAnalysis("no-longer-there", "the plugin could not be loaded");
        var summary = await Summary(ExperimentPhase.Failed);
        Assert.Empty(Assert.Single(summary.Analyses, analysis => analysis.Kind == "no-longer-there").Metrics);
    }

    [Fact]
    public async Task Write_WithATornResult_TellsItAndGoesOn()
    {
        File.WriteAllText(_experiment.Store.FileOf(_experiment.Dictionaries[0], "result.json"), "{ \"feature_count\": ");
        var summary = await Summary();
        Assert.Equal("failed", summary.Status);
        Assert.Equal(_experiment.Dictionaries.Count - 1, summary.Dictionaries.Count);
        Assert.Contains("cannot be read", Assert.Single(summary.Failures).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_NeverMakesMarkupOfWhatTheCorpusHolds()
    {
        await Summary();
        var page = Page();
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u001b', page);
        Assert.DoesNotContain('\u202e', page);
        Assert.Contains("&lt;/bdi&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u{001B}", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;not bold&lt;/b&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_NeedsNothingFromOutside()
    {
        await Summary();
        var page = Page();
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_ShowsEachMetricBesideItsNullAndItsMeaning()
    {
        await Summary();
        var page = Page();
        Assert.Contains("<td class=\"n\"><strong>0.7132</strong></td><td class=\"n\">0.3391</td>", page, StringComparison.Ordinal);
        Assert.Contains("Median over features of the highest correlation", page, StringComparison.Ordinal);
        Assert.Contains("Do two models that differ only in their seed", page, StringComparison.Ordinal);
        Assert.Contains("data:image/svg+xml;base64,", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_ShowsFeaturesOfTheLargestDictionaryThatAreAlive()
    {
        await Summary();
        var page = Page();
        Assert.Contains($"{_experiment.Dictionaries[2]}/0<", page, StringComparison.Ordinal);
        Assert.DoesNotContain($"{_experiment.Dictionaries[2]}/23<", page, StringComparison.Ordinal); // dead
        Assert.Contains("<mark>&#183;token1</mark>", page, StringComparison.Ordinal);
    }

    private async Task<ExperimentSummary> Summary(ExperimentPhase phase = ExperimentPhase.Completed)
    {
        var reporter = new ExperimentReporter(_experiment.Store, _experiment.Manifests, TimeProvider.System);
        return ResultJson.Read<ExperimentSummary>(await reporter.Write(_experiment.Finished(phase), TestContext.Current.CancellationToken));
    }

    private string Page() => File.ReadAllText(_experiment.Store.Layout.Report(_experiment.Finished().Id));
}
