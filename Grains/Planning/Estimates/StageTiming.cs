namespace Orchestrator.Planning.Estimates;

/// <summary>
/// <c>timing.json</c> of an artefact: what it took, for estimates of the next ones. Not there where the computation went on
/// from a checkpoint, as only a part of it was seen then.
/// </summary>
public sealed record StageTiming
{
    public const string FileName = "timing.json";

    /// <summary>The kind of device: <c>cpu</c>, <c>cuda</c>.</summary>
    public required string Device { get; init; }

    /// <summary>From the start of the job to this result, seconds of wall-clock time.</summary>
    public required double Seconds { get; init; }

    /// <summary>The job: stages of one stream share one, and the time.</summary>
    public required string Job { get; init; }

    /// <summary>Stages of the job.</summary>
    public required int Stages { get; init; }
}
