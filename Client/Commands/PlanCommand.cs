using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Estimates;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary>
/// <c>plan SPEC</c>: what run would compute, in order, what the store holds already, and what the rest will need by what
/// was measured on this store. Executes and creates nothing.
/// </summary>
internal static class PlanCommand
{
    public static Command Create(ClientContext context)
    {
        var spec = CommonOptions.Spec();
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("plan", "Show what a spec would compute, what is cached, and what the rest will need; executes nothing.") { spec, store, json };
        command.SetAction((parsed, cancellationToken) => Run(context, parsed.GetRequiredValue(spec), parsed.Layout(store), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> Run(ClientContext context, string path, StoreLayout layout, bool json, CancellationToken cancellationToken)
    {
        if (PlannedSpec.Read(context, path, layout, cancellationToken) is not { } plan)
        {
            return ExitCodes.BadUsage;
        }

        var store = new ArtefactStore(layout, context.Time);
        var status = PlanStatus.Of(plan, store);
        var estimates = PlanEstimate.Of(status, store);
        var last = await LastSubmitted(context, layout, plan, status, cancellationToken);
        if (json)
        {
            context.Screen.WriteJson(ToJson(plan, status, estimates, last));
            return ExitCodes.Done;
        }

        var screen = context.Screen;
        screen.Heading($"{plan.Name} ({plan.Id}): {status.ToCompute.Count()} stages to compute, {status.Cached.Count()} cached");
        screen.Write(StageTable(status, estimates));
        WriteStreams(screen, plan, estimates);
        foreach (var estimate in estimates.Where(_ => status.ToCompute.Any()))
        {
            screen.Line(Summary(plan, estimate));
        }

        WriteEarlyStop(screen, EarlyStopEstimate.Of(plan));
        screen.Line(last);
        return ExitCodes.Done;
    }

    private static TextTable StageTable(PlanStatus status, IReadOnlyList<PlanEstimate> estimates)
    {
        var measured = estimates.Where(estimate => estimate.Device is not null).ToList();
        var stages = estimates.Select(estimate => estimate.Jobs.SelectMany(job => job.Stages).ToDictionary(stage => stage.Key)).ToList();
        var table = new TextTable([">#", "stage", "!artefact", "!state", ">tokens", ">memory", .. measured.Select(estimate => $">time on {estimate.Device}")]);
        foreach (var (stage, i) in status.Stages.Select((stage, i) => (stage, i)))
        {
            var key = stage.Stage.Key;
            table.Add([
                Numbers.Count(i + 1), stage.Stage.Label, key.Value, stage.Cached ? "cached" : "to compute", stage.Stage.Work > 0 ? Numbers.Count(stage.Stage.Work) : "–",
                stage.Cached ? "–" : Memory(stage.Stage.Definition, stages[0][key].MemoryBytes),
                .. measured.Select((_, k) => stage.Cached ? "–" : Time(stages[k][key].Time))]);
        }

        return table;
    }

    /// <summary>What is shared: one stream of activations, many dictionaries.</summary>
    private static void WriteStreams(Screen screen, ExperimentPlan plan, IReadOnlyList<PlanEstimate> estimates)
    {
        var streams = estimates[0].Jobs.Where(job => job.Stream is not null).ToList();
        if (streams.Count == 0)
        {
            return;
        }

        screen.Heading("Streams: the dictionaries of one are one job, on activations that are harvested once");
        var measured = estimates.Where(estimate => estimate.Device is not null).ToList();
        var table = new TextTable(["stream", "!of", ">dictionaries", ">memory", .. measured.SelectMany(estimate => (string[])[$">harvest and evaluation on {estimate.Device}", $">in all on {estimate.Device}"])]);
        foreach (var stream in streams)
        {
            var model = ((DictionaryStage)plan.Stages.First(stage => stage.Key == stream.Stages[0].Key).Definition).Model;
            var jobs = measured.Select(estimate => estimate.Jobs.First(job => job.Stream == stream.Stream));
            table.Add([
                stream.Stream!, plan.Stages.First(stage => stage.Key == model).Label, Numbers.Count(stream.Stages.Count), Numbers.Bytes(stream.MemoryBytes),
                .. jobs.SelectMany(job => (string[])[Time(job.SharedTime), Time(job.Time)])]);
        }

        screen.Write(table);
    }

    private static void WriteEarlyStop(Screen screen, EarlyStopEstimate? estimate)
    {
        if (estimate is null)
        {
            return;
        }

        var rungs = estimate.Rungs.Select(rung => string.Create(CultureInfo.InvariantCulture, $"{rung.Kept} of {rung.Dictionaries} {(rung.Kept == 1 ? "goes" : "go")} on at {EarlyStop.Percent(rung.Rung)}"));
        var models = estimate.Models == 1 ? "" : $" on each of {estimate.Models} models";
        screen.Line($"early stopping by {estimate.Rule.Metric}: of {estimate.Dictionaries} dictionaries{models} {string.Join(", ", rungs)}; {Numbers.Count(estimate.ExpectedTokens)} instead of {Numbers.Count(estimate.Tokens)} tokens in all, {EarlyStop.Percent(estimate.Saved)} less at most. The times above are without it.");
    }

    private static string Summary(ExperimentPlan plan, PlanEstimate estimate)
    {
        var largest = estimate.Jobs.Max(job => job.MemoryBytes);
        var memory = largest is null ? "" : $"; the largest job needs {Numbers.Bytes(largest)} beside what a process holds anyway";
        if (estimate.Device is not { } device)
        {
            return $"{estimate.Jobs.Count} jobs{memory}. Nothing was measured on this store yet: times are not known.";
        }

        var unknown = estimate.Unknown == 0 ? "" : $", without {estimate.Unknown} stages of kinds that were never measured";
        var scaled = estimate.IsScaled ? " (~: from other sizes)" : "";
        return estimate.Unknown == estimate.Jobs.Sum(job => job.Stages.Count)
            ? $"{device}: {estimate.Jobs.Count} jobs{memory}. None of their kinds was measured on this store yet: times are not known."
            : $"{device}: {estimate.Jobs.Count} jobs, {Numbers.ShortDuration(estimate.Total)} on one device, {Numbers.ShortDuration(estimate.LongestChain(plan))} at least on many{unknown}{scaled}{memory}.";
    }

    /// <summary>How the plan differs from what was last submitted under its name, where a cluster is up that knows.</summary>
    private static async Task<string> LastSubmitted(ClientContext context, StoreLayout layout, ExperimentPlan plan, PlanStatus status, CancellationToken cancellationToken)
    {
        if (ClusterFile.FindRunning(layout) is null)
        {
            return Directory.Exists(layout.Root)
                ? "against what was last submitted under this name: no cluster is up that knows; diff starts one to ask"
                : "against what was last submitted under this name: there is no store yet";
        }

        await using var session = await ClusterSession.Join(context, layout, cancellationToken);
        var difference = await PlanDifference.Find(session.Grains, plan.Name, status, cancellationToken);
        return difference.Last is { } last
            ? $"against {last.Id}, submitted last under this name: {difference.Counts}"
            : "against what was last submitted under this name: nothing was";
    }

    private static string Time(TimeEstimate? time) => time is null ? "not measured" : $"{(time.IsScaled ? "~" : "")}{Numbers.ShortDuration(time.Duration)}";

    private static string Memory(StageDefinition stage, long? bytes) => stage is ModelStage && bytes is not null ? $"≥ {Numbers.Bytes(bytes)}" : Numbers.Bytes(bytes);

    private static object ToJson(ExperimentPlan plan, PlanStatus status, IReadOnlyList<PlanEstimate> estimates, string last)
    {
        var stages = estimates.Select(estimate => (estimate.Device, ByKey: estimate.Jobs.SelectMany(job => job.Stages).ToDictionary(stage => stage.Key))).ToList();
        return new
        {
            Experiment = plan.Name,
            Id = plan.Id.Value,
            CachedStages = status.Cached.Count(),
            ComputedStages = status.ToCompute.Count(),
            Stages = status.Stages.Select(s => new
            {
                Key = s.Stage.Key.Value,
                s.Stage.Label,
                s.Cached,
                s.Stage.Work,
                s.Stage.Stream,
                DependsOn = s.Stage.Definition.DependsOn.Select(key => key.Value),
                MemoryBytes = s.Cached ? null : stages[0].ByKey[s.Stage.Key].MemoryBytes,
                Seconds = Seconds(stages.Select(estimate => (estimate.Device, s.Cached ? null : estimate.ByKey[s.Stage.Key].Time))),
            }),
            Jobs = estimates[0].Jobs.Select((job, i) => new
            {
                Stages = job.Stages.Select(stage => stage.Key.Value),
                job.Stream,
                job.MemoryBytes,
                Seconds = Seconds(estimates.Select(estimate => (estimate.Device, estimate.Jobs[i].Time))),
                SharedSeconds = Seconds(estimates.Select(estimate => (estimate.Device, estimate.Jobs[i].SharedTime))),
            }),
            Estimates = estimates.Where(estimate => estimate.Device is not null).ToDictionary(estimate => estimate.Device!, estimate => new
            {
                Seconds = estimate.Total.TotalSeconds,
                LongestChainSeconds = estimate.LongestChain(plan).TotalSeconds,
                UnknownStages = estimate.Unknown,
                Scaled = estimate.IsScaled,
            }),
            EarlyStop = EarlyStopEstimate.Of(plan) is not { } early ? null : new
            {
                early.Rule.Metric,
                early.Rule.Keep,
                early.Models,
                early.Dictionaries,
                early.Rungs,
                early.Tokens,
                early.ExpectedTokens,
            },
            Against = last,
        };
    }

    /// <summary>By the kind of device, where it is known.</summary>
    private static Dictionary<string, double> Seconds(IEnumerable<(string? Device, TimeEstimate? Time)> times) =>
        times.Where(time => time is { Device: not null, Time: not null }).ToDictionary(time => time.Device!, time => time.Time!.Duration.TotalSeconds);
}
