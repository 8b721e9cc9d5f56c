using System.CommandLine;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary>Options that several verbs share; each verb has instances of its own.</summary>
internal static class CommonOptions
{
    public static Option<string> Store()
    {
        var store = new Option<string>("--store")
        {
            Description = "Folder of the store.",
            HelpName = "DIR",
            DefaultValueFactory = _ => StoreLayout.DefaultFolder,
        };
        store.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError("--store is empty; allowed: a folder.");
            }
        });
        return store;
    }

    /// <summary>The spec that <c>run</c> and <c>plan</c> take.</summary>
    public static Argument<string> Spec()
    {
        var spec = new Argument<string>("SPEC") { Description = "The experiment, a YAML file." };
        spec.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError("SPEC is empty; allowed: a YAML file.");
            }
        });
        return spec;
    }

    public static Option<bool> Json() => new("--json") { Description = "Print the result as JSON, and nothing else, on standard output." };

    public static StoreLayout Layout(this ParseResult parsed, Option<string> store) => new(Path.GetFullPath(parsed.GetRequiredValue(store)));
}
