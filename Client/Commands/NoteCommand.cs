using System.CommandLine;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Features;
using Orchestrator.Contracts.Features;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary><c>note DICTIONARY/INDEX TEXT</c>: adds a durable note to a feature.</summary>
internal static class NoteCommand
{
    public static Command Create(ClientContext context)
    {
        var feature = new Argument<string>("FEATURE") { Description = "DICTIONARY/INDEX; the dictionary's id may be shortened." };
        var text = new Argument<string>("TEXT") { Description = "What is to be remembered." };
        text.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>()))
            {
                result.AddError("The note is empty.");
            }
        });
        var author = new Option<string>("--author") { Description = "Whose note it is.", HelpName = "NAME", DefaultValueFactory = _ => Environment.UserName };
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("note", "Add a note to a feature; notes are kept for good.") { feature, text, author, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var layout = parsed.Layout(store);
            var id = DictionaryLookup.Feature(new ArtefactStore(layout, context.Time), parsed.GetRequiredValue(feature));
            await using var session = await ClusterSession.Attach(context, layout, cancellationToken);
            var grain = session.Grains.GetGrain<IFeatureGrain>(id.ToString());
            if (await grain.Get(cancellationToken) is null)
            {
                throw CommandFailure.Usage($"{id.Dictionary} has no feature {id.Index}.");
            }

            var note = await grain.AddNote(parsed.GetRequiredValue(author), parsed.GetRequiredValue(text), cancellationToken);
            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(new { Feature = id.ToString(), Note = note });
            }
            else
            {
                context.Screen.Line($"Noted on {id}.");
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
