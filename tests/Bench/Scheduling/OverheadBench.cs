using Orchestrator.Abstractions.Stages;
using Orchestrator.Bench.Reporting;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Bench.Scheduling;

/// <summary>What the orchestrator itself costs: from a submission to the start on a device, and runs that compute nothing.</summary>
internal sealed class OverheadBench : IBenchmark
{
    private const int Submissions = 60;
    private const int WarmUp = 10;
    private const int Runs = 1_000;
    private const int Devices = 2;
    private const double AskedMilliseconds = 300;
    private const double AskedRate = 50;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeProvider Time = TimeProvider.System;

    public string Name => "overhead";

    public string Summary => "time from submission to start on an idle cluster, and empty runs per second";

    public Report Run(BenchOptions options) => Measure().GetAwaiter().GetResult();

    private static async Task<Report> Measure()
    {
        await using var cluster = await EmptyCluster.Start(Devices, Time);
        for (var i = 0; i < WarmUp; i++)
            await SubmitToStart(cluster, i);

        var waits = new List<double>();
        for (var i = 0; i < Submissions; i++)
            waits.Add((await SubmitToStart(cluster, WarmUp + i)).TotalMilliseconds);

        waits.Sort();
        var started = Time.GetTimestamp();
        await UntilDone(cluster, await Submit(cluster, "many", [.. Enumerable.Range(0, Runs).Select(i => Stage(10_000 + i))]));
        var rate = Runs / Time.GetElapsedTime(started).TotalSeconds;
        var table = new Table("what", "figure", "unit");
        table.Add($"submission to start, median of {Submissions}", waits[Submissions / 2], "ms");
        table.Add("submission to start, 95th percentile", waits[(int)(Submissions * 0.95)], "ms");
        table.Add($"{Runs:N0} empty runs of one experiment, submission to its end", rate, "runs/s");
        return new Report("Overhead", $"one control silo, {Devices} devices and a client, each over real sockets, on SQLite; every run leased, begun, its artefact hashed and published, its end durable", table,
            [
                TargetFigure.AtMost("submission to start on an idle cluster, median", AskedMilliseconds, waits[Submissions / 2], "ms") with { Issue = "C" },
                TargetFigure.AtLeast($"{Runs} empty runs", AskedRate, rate, "runs/s") with { Issue = "C" },
            ],
            "All hosts are in one process, so that one clock is read; as processes of their own they have the same sockets between them.");
    }

    private static async Task<TimeSpan> SubmitToStart(EmptyCluster cluster, int number)
    {
        var stage = Stage(number);
        var submitted = Time.GetTimestamp();
        await UntilDone(cluster, await Submit(cluster, $"one-{number}", [stage]));
        return Time.GetElapsedTime(submitted, cluster.Runner.Begun[stage.Key]);
    }

    private static async Task<IExperimentGrain> Submit(EmptyCluster cluster, string name, IReadOnlyList<PlannedStage> stages)
    {
        var experiment = cluster.Client.GetGrain<IExperimentGrain>($"{name}-00000000");
        await experiment.Submit(new ExperimentSubmission(name, "", stages), CancellationToken.None);
        return experiment;
    }

    private static async Task UntilDone(EmptyCluster cluster, IExperimentGrain experiment)
    {
        using var timer = new PeriodicTimer(Poll);
        while (await experiment.GetStatus(CancellationToken.None) is not { Phase: not ExperimentPhase.Running } status || !IsCompleted(status))
            await timer.WaitForNextTickAsync();
    }

    private static bool IsCompleted(ExperimentStatus status) => status.Phase == ExperimentPhase.Completed
        ? true
        : throw new InvalidOperationException($"{status.Id} is {status.Phase}: {status.Stages.FirstOrDefault(stage => stage.Reason is not null)?.Reason}");

    /// <summary>One that needs no other, and is no other.</summary>
    private static PlannedStage Stage(int number)
    {
        var definition = new TokenizerStage(new CorpusDefinition { Kind = "text", Paths = [$"/{number}"] }, new TokenizerDefinition { VocabularySize = 300 });
        return new PlannedStage(StageAddress.Of(definition), $"empty {number}", definition.ToJson(), [], null);
    }
}
