using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary>Said to a user who stops looking on while the work goes on.</summary>
internal static class Detachment
{
    public static string Message(ExperimentId id, StoreLayout layout) =>
        $"Detached; {id} goes on. To look again: {Verb("watch", id, layout)}{Environment.NewLine}To end it: {Verb("cancel", id, layout)}";

    private static string Verb(string verb, ExperimentId id, StoreLayout layout) => CommandLineText.WithArguments([verb, id.Value, "--store", layout.Root]);
}
