using Orchestrator.Abstractions;

namespace Orchestrator.Contracts.Scheduling;

/// <summary>A waiting job, and why it waits.</summary>
/// <param name="Job">Its id.</param>
/// <param name="Experiment">Whose it is.</param>
/// <param name="Stages">What it will compute.</param>
/// <param name="QueuedAt">Since when it waits.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">The same in one sentence, with names and numbers.</param>
/// <param name="Position">Its place among all jobs that can start some day, 1 is next; null: as things are, it cannot.</param>
/// <param name="BehindOwn">Jobs of its own experiment that go before it.</param>
/// <param name="Blocker">The experiment or the job that it waits for; null where it waits for none in particular.</param>
/// <param name="EstimatedStart">From the estimated durations of all jobs before it; null where one of them is unknown.</param>
[GenerateSerializer, Immutable, Alias("WaitExplanation")]
public sealed record WaitExplanation(
    [property: Id(0)] string Job,
    [property: Id(1)] ExperimentId Experiment,
    [property: Id(2)] IReadOnlyList<StageKey> Stages,
    [property: Id(3)] DateTimeOffset QueuedAt,
    [property: Id(4)] WaitReason Reason,
    [property: Id(5)] string Text,
    [property: Id(6)] int? Position,
    [property: Id(7)] int BehindOwn,
    [property: Id(8)] string? Blocker,
    [property: Id(9)] DateTimeOffset? EstimatedStart);

/// <summary>Part of a pool's queue.</summary>
/// <param name="Total">Jobs that wait, in all.</param>
/// <param name="Jobs">Those asked for, in the order in which they are expected to start; jobs that cannot start come last.</param>
[GenerateSerializer, Immutable, Alias("QueuePage")]
public sealed record QueuePage(
    [property: Id(0)] int Total,
    [property: Id(1)] IReadOnlyList<WaitExplanation> Jobs);
