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
            DefaultValueFactory = _ => ClusterSettings.DefaultStore(),
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

    /// <summary>A folder of the user's.</summary>
    public static Argument<string> Folder(string description)
    {
        var folder = new Argument<string>("DIR") { Description = description };
        folder.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError("DIR is empty; allowed: a folder.");
            }
        });
        return folder;
    }

    /// <summary>What verbs that compute run on.</summary>
    public static Option<string[]> Device()
    {
        var device = new Option<string[]>("--device")
        {
            Description = "A device to compute on: cpu, cuda:0 …; may be repeated, one process each.",
            HelpName = "DEVICE",
            DefaultValueFactory = _ => ["cpu"],
        };
        device.Validators.Add(result =>
        {
            var names = result.Tokens.Select(token => token.Value).ToList();
            foreach (var name in names.Where(name => !IsDevice(name)))
            {
                result.AddError($"'{name}' is no device; allowed: cpu, cuda:0, cuda:1 …");
            }

            if (names.Distinct().Count() < names.Count)
            {
                result.AddError("--device names a device twice.");
            }
        });
        return device;
    }

    public static Option<bool> Json() => new("--json") { Description = "Print the result as JSON, and nothing else, on standard output." };

    /// <summary>The store that a verb means.</summary>
    /// <exception cref="CommandFailure">None was named, and the working folder's cluster file has mistakes.</exception>
    public static StoreLayout Layout(this ParseResult parsed, Option<string> store) =>
        ClusterSettings.Layout(parsed, store, parsed.Gives(store) ? null : ClusterSettings.Read(null));

    private static bool IsDevice(string name) =>
        name == "cpu" || (name.StartsWith("cuda:", StringComparison.Ordinal) && name.Length > 5 && name.AsSpan(5).IndexOfAnyExceptInRange('0', '9') < 0);
}
