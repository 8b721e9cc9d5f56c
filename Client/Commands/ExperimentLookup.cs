using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Client.Commands;

/// <summary>Finds experiments by what the user typed.</summary>
internal static class ExperimentLookup
{
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
}
