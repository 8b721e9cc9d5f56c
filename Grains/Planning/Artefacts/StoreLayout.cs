using Orchestrator.Abstractions;

namespace Orchestrator.Planning.Artefacts;

/// <summary>Where things are in a store; the README's "The store" says the same for people.</summary>
/// <param name="Root">Absolute path of the store.</param>
public sealed record StoreLayout(string Root)
{
    /// <summary>The default store, in the working folder.</summary>
    public const string DefaultFolder = ".orchestrator";

    /// <summary>State of all grains.</summary>
    public string Database => Path.Combine(Root, "orchestrator.db");

    /// <summary>Immutable outputs: <c>artefacts/KEY/</c>.</summary>
    public string Artefacts => Path.Combine(Root, "artefacts");

    /// <summary>What running stages write, checkpoints included: <c>work/KEY/</c>; may be deleted while nothing runs.</summary>
    public string Work => Path.Combine(Root, "work");

    /// <summary>Output of the silos: <c>logs/control.log</c>, <c>logs/gpu-cpu.log</c>.</summary>
    public string Logs => Path.Combine(Root, "logs");

    /// <summary>Ports and process of the cluster that serves the store; held open while it does.</summary>
    public string ClusterFile => Path.Combine(Root, "cluster.json");

    public string Artefact(StageKey stage) => Path.Combine(Artefacts, stage.Value);

    public string WorkOf(StageKey stage) => Path.Combine(Work, stage.Value);

    /// <summary>Spec, summary and report of an experiment: <c>experiments/ID/</c>.</summary>
    public string Experiment(ExperimentId experiment) => Path.Combine(Root, "experiments", experiment.Value);

    public string Summary(ExperimentId experiment) => Path.Combine(Experiment(experiment), "summary.json");

    public string Report(ExperimentId experiment) => Path.Combine(Experiment(experiment), "report.html");
}
