using System.CommandLine;
using Orchestrator.Client.Cluster;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Client.Commands;

/// <summary><c>cluster.yaml</c>: what a working folder's cluster is, for every verb.</summary>
internal static class ClusterSettings
{
    public const string FileName = "cluster.yaml";
    public const string OptionName = "--cluster";

    /// <summary>The file that <c>up</c>, <c>down</c> and <c>db</c> read.</summary>
    public static Option<string?> Option()
    {
        var option = new Option<string?>(OptionName)
        {
            Description = $"The cluster's file: store, devices, ports, database; not given: {FileName} of the working folder, where there is one. Options go before it.",
            HelpName = "FILE",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError($"{OptionName} is empty; allowed: a YAML file.");
            }
        });
        return option;
    }

    /// <summary>
    /// The store of the working folder: its cluster's, or the default one. Asked for while a command line is read, where
    /// mistakes in the file cannot be told: that is done when the store is needed.
    /// </summary>
    public static string DefaultStore() =>
        (File.Exists(FileName) ? ClusterReader.ReadFile(FileName).Definition?.Store : null) ?? StoreLayout.DefaultFolder;

    /// <summary>The definition in a file; null: none was named, and the working folder has none.</summary>
    /// <exception cref="CommandFailure">The file has mistakes; each is a line.</exception>
    public static ClusterDefinition? Read(string? path)
    {
        if (path is null && !File.Exists(FileName))
        {
            return null;
        }

        var reading = ClusterReader.ReadFile(path ?? FileName);
        return reading.IsValid
            ? reading.Definition
            : throw CommandFailure.Usage(string.Join(Environment.NewLine, reading.Problems));
    }

    /// <summary>What the operator of a store's cluster lets specs use: as the file says that the running cluster has, or the working folder's.</summary>
    public static ClusterAccess AccessOf(StoreLayout layout) =>
        (ClusterFile.FindRunning(layout)?.Definition is { } running ? ClusterReader.ReadFile(running).Definition : Read(null))?.Access ?? ClusterAccess.Open;

    /// <summary>The store that a command means: the option's, the file's, or the default one.</summary>
    public static StoreLayout Layout(ParseResult parsed, Option<string> store, ClusterDefinition? definition) =>
        parsed.Gives(store) ? new StoreLayout(Path.GetFullPath(parsed.GetRequiredValue(store))) : new StoreLayout(Path.GetFullPath(definition?.Store ?? StoreLayout.DefaultFolder));

    /// <summary>Whether the user typed the option.</summary>
    public static bool Gives(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };
}
