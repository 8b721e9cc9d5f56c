using System.CommandLine;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Client.Commands;

/// <summary>Finds experiments and runs by what the user typed.</summary>
internal static class ExperimentLookup
{
    public static Argument<string> Argument() => new("ID") { Description = "An experiment, or the beginning of its id." };

    /// <summary>For verbs that are also about single runs.</summary>
    public static Argument<string> ArgumentOrRun() => new("ID") { Description = "An experiment or a run, or the beginning of its id." };

    /// <summary>All experiments, newest first.</summary>
    public static async Task<IReadOnlyList<ExperimentStatus>> All(IGrainFactory grains, CancellationToken cancellationToken)
    {
        var ids = await grains.GetGrain<IExperimentIndexGrain>(IExperimentIndexGrain.Key).List(cancellationToken);
        var statuses = await Task.WhenAll(ids.Select(id => grains.GetGrain<IExperimentGrain>(id.Value).GetStatus(cancellationToken)));
        return [.. statuses.OfType<ExperimentStatus>()];
    }

    /// <summary>The experiment with this id, or the only one whose id begins so.</summary>
    /// <exception cref="CommandFailure">None, or more than one.</exception>
    public static async Task<ExperimentStatus> One(IGrainFactory grains, string prefix, CancellationToken cancellationToken)
    {
        var all = await All(grains, cancellationToken);
        var id = UniquePrefix.Resolve("experiment", prefix, [.. all.Select(e => e.Id.Value)]);
        return all.First(e => e.Id.Value == id);
    }

    /// <summary>The experiment or the run with this id, or the only one whose id begins so; a run's kind may be left out.</summary>
    /// <returns>The experiments concerned, newest first: the one, or all that want the run; the run is null for an experiment.</returns>
    /// <exception cref="CommandFailure">None, or more than one.</exception>
    public static async Task<(IReadOnlyList<ExperimentStatus> Experiments, StageKey? Run)> OneOrRun(IGrainFactory grains, string text, CancellationToken cancellationToken)
    {
        var all = await All(grains, cancellationToken);
        var runs = all.SelectMany(experiment => experiment.Stages).Select(stage => stage.Key.Value).Distinct().ToList();
        var experiments = all.Select(experiment => experiment.Id.Value).ToList();
        var isShort = text.Length > 0 && experiments.Concat(runs).All(id => !id.StartsWith(text, StringComparison.Ordinal));
        var meant = isShort ? runs.Where(run => WithoutKind(run).StartsWith(text, StringComparison.Ordinal)).ToList() : [];
        var found = meant is [var run] ? run : UniquePrefix.Resolve("experiment or run", text, [.. experiments, .. runs]);
        return experiments.Contains(found)
            ? ([all.First(experiment => experiment.Id.Value == found)], null)
            : ([.. all.Where(experiment => experiment.Stages.Any(stage => stage.Key.Value == found))], new StageKey(found));
    }

    private static string WithoutKind(string run) => run[(run.LastIndexOf('-') + 1)..];
}
