using System.Text.RegularExpressions;
using Orchestrator.Abstractions;

namespace Orchestrator.Planning.Artefacts;

/// <summary>Where things are in a store; the README's "The store" says the same for people.</summary>
/// <param name="Root">Absolute path of the store.</param>
/// <remarks>A key or an id that is no plain name (it may come from a user) never becomes a path: <see cref="ArgumentException"/>.</remarks>
public sealed partial record StoreLayout(string Root)
{
    /// <summary>The default store, in the working folder.</summary>
    public const string DefaultFolder = ".orchestrator";

    /// <summary>State of all grains.</summary>
    public string Database => Path.Combine(Root, "orchestrator.db");

    /// <summary>Where a server's database holds the state instead: which one.</summary>
    public string DatabaseMark => Path.Combine(Root, "database.json");

    /// <summary>Immutable outputs: <c>artefacts/KEY/</c>.</summary>
    public string Artefacts => Path.Combine(Root, "artefacts");

    /// <summary>Names of dictionaries: <c>names/NAME</c> holds an id.</summary>
    public string Names => Path.Combine(Root, "names");

    /// <summary>What running stages write, checkpoints included: <c>work/KEY/</c>; may be deleted while nothing runs.</summary>
    public string Work => Path.Combine(Root, "work");

    /// <summary>Output of the silos: <c>logs/control.log</c>, <c>logs/gpu-cpu.log</c>.</summary>
    public string Logs => Path.Combine(Root, "logs");

    /// <summary>How the last process of a silo ended, as its supervisor saw it: <c>logs/gpu-cpu.end.json</c>.</summary>
    public string EndOf(string silo) => Path.Combine(Logs, Name(silo.Replace(':', '-').Replace('@', '-')) + ".end.json");

    /// <summary>What was logged of a run: a file each silo.</summary>
    public string LogsOf(StageKey stage) => Path.Combine(Logs, "runs", Name(stage.Value));

    /// <summary>What was logged of an experiment itself: a file each silo.</summary>
    public string LogsOf(ExperimentId experiment) => Path.Combine(Logs, "experiments", Name(experiment.Value));

    /// <summary>Ports and process of the cluster that serves the store; held open while it does.</summary>
    public string ClusterFile => Path.Combine(Root, "cluster.json");

    /// <summary>Who may use the cluster over HTTP: hashes of tokens, readable by the owner only.</summary>
    public string AccessTokens => Path.Combine(Root, "access-tokens.json");

    public string Artefact(StageKey stage) => Path.Combine(Artefacts, Name(stage.Value));

    public string WorkOf(StageKey stage) => Path.Combine(Work, Name(stage.Value));

    /// <summary>Spec, summary and report of an experiment: <c>experiments/ID/</c>.</summary>
    public string Experiment(ExperimentId experiment) => Path.Combine(Root, "experiments", Name(experiment.Value));

    public string Summary(ExperimentId experiment) => Path.Combine(Experiment(experiment), "summary.json");

    public string Report(ExperimentId experiment) => Path.Combine(Experiment(experiment), "report.html");

    /// <summary>Whether a key or an id can be a folder's name: letters, digits, <c>.</c>, <c>_</c>, <c>-</c>, at most 128.</summary>
    public static bool IsName(string? value) => value is not null && PlainName().IsMatch(value);

    private static string Name(string value) =>
        IsName(value) ? value : throw new ArgumentException($"'{value}' is not the key of a stage or the id of an experiment.", nameof(value));

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PlainName();
}
