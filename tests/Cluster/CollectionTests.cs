using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Orchestrator.Grains.Experiments;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Stages;
using Xunit;

namespace Orchestrator.Cluster;

/// <summary>What nothing refers to can be deleted, and nothing else ever is.</summary>
public sealed class CollectionTests : IAsyncLifetime
{
    private readonly House _house = new();

    private static CancellationToken None => CancellationToken.None;

    private IExperimentIndexGrain Index => _house.Grains.GetGrain<IExperimentIndexGrain>(IExperimentIndexGrain.Key);

    public ValueTask InitializeAsync() => _house.InitializeAsync();

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task ForgottenExperiment_LeavesWhatOthersReferTo()
    {
        await _house.AddDevice("cpu", job => job.Complete());
        var (kept, forgotten) = (new Plan(512), new Plan(512, 1_024));
        await Complete("a-1", kept);
        await Complete("b-1", forgotten);
        WriteSummary("a-1");

        var found = await Index.Collect(delete: false, None);
        Assert.Equal([forgotten.Dictionaries[1]], found.Artefacts.Select(artefact => artefact.Key));
        Assert.True(found.Artefacts[0].Bytes > 0);
        Assert.Equal("b-1", Assert.Single(found.Forgotten).Value);
        Assert.True(_house.Store.Contains(forgotten.Dictionaries[1])); // a dry run

        Assert.True((await Index.Collect(delete: true, None)).Deleted);
        Assert.False(_house.Store.Contains(forgotten.Dictionaries[1]));
        Assert.All(kept.Stages, stage => Assert.True(_house.Store.Contains(stage.Key)));
        Assert.Equal(["a-1"], (await Index.List(None)).Select(id => id.Value));
        Assert.Empty((await Index.Collect(delete: false, None)).Artefacts);

        var again = await Complete("b-1", forgotten);
        Assert.Equal(StagePhase.Completed, again.Stages.Single(stage => stage.Key == forgotten.Dictionaries[1]).Phase);
        Assert.Equal(5, again.Stages.Count(stage => stage.Phase == StagePhase.Cached));
    }

    [Fact]
    public async Task Name_KeepsItsDictionaryAndWhatThatWasMadeFrom()
    {
        await _house.AddDevice("cpu", job => job.Complete());
        var plan = new Plan(512, 1_024);
        await Complete("a-1", plan);
        new DictionaryNames(_house.Layout).Set("mine", new DictionaryId(plan.Dictionaries[0].Value));
        Assert.Equal(
            new[] { plan.Dictionaries[1], plan.Analysis }.OrderBy(key => key.Value, StringComparer.Ordinal),
            (await Index.Collect(delete: true, None)).Artefacts.Select(artefact => artefact.Key));
        Assert.True(_house.Store.Contains(plan.Model));
        Assert.True(_house.Store.Contains(plan.Tokenizer));
    }

    [Fact]
    public async Task Summary_OfAStoreWhoseStateIsGone_KeepsWhatItNames()
    {
        await _house.AddDevice("cpu", job => job.Complete());
        var plan = new Plan(512, 1_024);
        await Complete("a-1", plan);
        WriteSummary("x-1", new AnalysisSummary
        {
            Kind = "feature-report",
            Plugin = "feature-report",
            Inputs = [plan.Dictionaries[0].Value],
            Status = "completed",
            Metrics = new Dictionary<string, double>(),
            NullMetrics = new Dictionary<string, double>(),
            Artefacts = [],
        });
        Assert.Equal([plan.Dictionaries[1]], (await Index.Collect(delete: false, None)).Artefacts.Select(artefact => artefact.Key));
    }

    [Fact]
    public async Task Summary_ThatCannotBeRead_MeansThatNothingIsDeleted()
    {
        await _house.AddDevice("cpu", job => job.Complete());
        var plan = new Plan(512);
        await Complete("a-1", plan);
        var path = _house.Layout.Summary(new ExperimentId("x-1"));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, "{");
        var found = await Index.Collect(delete: true, None);
        Assert.Contains(path, found.Problem, StringComparison.Ordinal);
        Assert.False(found.Deleted);
        Assert.All(plan.Stages, stage => Assert.True(_house.Store.Contains(stage.Key)));
    }

    [Fact]
    public async Task Collect_BesideExperimentsThatComeAndGo_NeverTakesWhatOneNeeds()
    {
        await _house.AddDevice("cpu", job =>
        {
            foreach (var stage in job.Request.Stages)
            {
                foreach (var input in StageDefinition.FromJson(stage.DefinitionJson).DependsOn.Where(input => !_house.Store.Contains(input)))
                    throw new StageFailedException(FailureClass.BadData, $"{input} is gone");
            }

            job.Complete();
        });

        // Nobody writes a summary: what has ended is garbage at once, and wanted again at once.
        using var done = new CancellationTokenSource();
        var collected = 0;
        var collecting = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
                collected += (await Index.Collect(delete: true, None)).Artefacts.Count;
        });
        for (var round = 0; round < 15; round++)
        {
            var (first, second) = (new Plan(512), new Plan(512, 1_024));
            await Task.WhenAll(_house.Experiment("a-1").Submit(first.Submission, None), _house.Experiment("b-1").Submit(second.Submission, None));
            foreach (var id in (string[])["a-1", "b-1"])
            {
                var status = await _house.End(id);
                Assert.True(status.Phase == ExperimentPhase.Completed, string.Join("; ", status.Stages.Select(stage => $"{stage.Label}: {stage.Phase} {stage.Reason}")));
            }
        }

        await done.CancelAsync();
        await collecting;
        Assert.True(collected > 0, "Nothing was ever collected.");
    }

    private async Task<ExperimentStatus> Complete(string id, Plan plan)
    {
        await _house.Experiment(id).Submit(plan.Submission, None);
        var status = await _house.End(id);
        Assert.Equal(ExperimentPhase.Completed, status.Phase);
        await House.Eventually(async () => !(await _house.Grains.GetGrain<IExperimentRoster>(IExperimentIndexGrain.Key).Running()).Contains(status.Id)); // told last
        return status;
    }

    private void WriteSummary(string id, params AnalysisSummary[] analyses)
    {
        var path = _house.Layout.Summary(new ExperimentId(id));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        ResultJson.Write(path, new ExperimentSummary
        {
            Experiment = "test",
            Id = id,
            Status = "completed",
            WallSeconds = 1,
            CachedStages = 0,
            ComputedStages = 0,
            Models = [],
            Dictionaries = [],
            Analyses = analyses,
        });
    }
}
