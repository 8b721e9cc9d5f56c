using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary>Said to a user who stops looking on while the work goes on.</summary>
internal static class Detachment
{
    /// <param name="id">What goes on.</param>
    /// <param name="layout">The store.</param>
    /// <param name="again">The command that has something left to do when the work has ended; null: there is none.</param>
    public static string Message(ExperimentId id, StoreLayout layout, string? again = null) =>
        $"Detached; {id} goes on. To {(again is null ? "look again" : "finish")}: {again ?? Verb("watch", id, layout)}{Environment.NewLine}To end it: {Verb("cancel", id, layout)}";

    private static string Verb(string verb, ExperimentId id, StoreLayout layout) => CommandLineText.WithArguments([verb, id.Value, "--store", layout.Root]);
}
