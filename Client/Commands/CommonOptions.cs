using System.CommandLine;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary>Options that several verbs share; each verb has instances of its own.</summary>
internal static class CommonOptions
{
    public static Option<string> Store() => new("--store")
    {
        Description = "Folder of the store.",
        HelpName = "DIR",
        DefaultValueFactory = _ => StoreLayout.DefaultFolder,
    };

    public static Option<bool> Json() => new("--json") { Description = "Print the result as JSON, and nothing else, on standard output." };

    public static StoreLayout Layout(this ParseResult parsed, Option<string> store) => new(Path.GetFullPath(parsed.GetRequiredValue(store)));
}
