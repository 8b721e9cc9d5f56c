using System.CommandLine;
using System.Globalization;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Features;
using Orchestrator.Contracts.Features;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary><c>features DICTIONARY</c>: the catalogue of one dictionary, sorted.</summary>
internal static class FeaturesCommand
{
    private const int MostRows = 1_000;

    public static Command Create(ClientContext context)
    {
        var dictionary = new Argument<string>("DICTIONARY") { Description = "A dictionary, or the beginning of its id." };
        var sort = new Option<string>("--sort") { Description = "Column to sort by: density, max_activation, mean_activation, feature …", HelpName = "COLUMN", DefaultValueFactory = _ => "max_activation" };
        var limit = new Option<int>("--limit") { Description = $"Rows to list, 1 to {MostRows}.", HelpName = "N", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(result =>
        {
            // Of the text: asked for its value, what is no number throws.
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) && rows is >= 1 and <= MostRows))
            {
                result.AddError($"--limit is a number from 1 to {MostRows}.");
            }
        });
        var ascending = new Option<bool>("--ascending") { Description = "Smallest first." };
        var all = new Option<bool>("--all") { Description = "List dead features too." };
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("features", "List the features of a dictionary.") { dictionary, sort, limit, ascending, all, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var layout = parsed.Layout(store);
            var id = DictionaryLookup.Dictionary(new ArtefactStore(layout, context.Time), parsed.GetRequiredValue(dictionary));
            await using var session = await ClusterSession.Attach(context, layout, cancellationToken);
            var query = new FeatureQuery(parsed.GetRequiredValue(sort), !parsed.GetValue(ascending), 0, parsed.GetValue(limit), parsed.GetValue(all));
            var page = await session.Grains.GetGrain<IFeatureCatalogGrain>(id.Value).Query(query, cancellationToken)
                ?? throw CommandFailure.Usage($"The store has no feature table of {id}.");
            if (page.Error is not null)
            {
                throw CommandFailure.Usage(page.Error);
            }

            FeatureListView.Write(context.Screen, page, parsed.GetValue(json));
            return ExitCodes.Done;
        });
        return command;
    }
}
