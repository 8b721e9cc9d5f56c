using System.CommandLine;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Features;
using Orchestrator.Contracts.Features;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary><c>feature DICTIONARY/INDEX</c>: one feature, with contexts and notes.</summary>
internal static class FeatureCommand
{
    public static Command Create(ClientContext context)
    {
        var feature = new Argument<string>("FEATURE") { Description = "DICTIONARY/INDEX; the dictionary's id may be shortened." };
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("feature", "Show one feature: statistics, logits, contexts and notes.") { feature, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var layout = parsed.Layout(store);
            var id = DictionaryLookup.Feature(new ArtefactStore(layout, context.Time), parsed.GetRequiredValue(feature));
            await using var session = await ClusterSession.Attach(context, layout, cancellationToken);
            var view = await session.Grains.GetGrain<IFeatureGrain>(id.ToString()).Get(cancellationToken)
                ?? throw CommandFailure.Usage($"{id.Dictionary} has no feature {id.Index}.");
            FeatureDetailView.Write(context.Screen, view, parsed.GetValue(json));
            return ExitCodes.Done;
        });
        return command;
    }
}
