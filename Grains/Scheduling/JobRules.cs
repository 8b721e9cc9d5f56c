using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling;

/// <summary>What a job and an experiment may ask of a pool.</summary>
internal static class JobRules
{
    private const int HighestPriority = 1_000;

    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(10_000);

    /// <exception cref="ArgumentException">Names the job, what it asks for and what is allowed.</exception>
    public static void Require(JobRequest job)
    {
        var demand = job.Demand ?? JobDemand.None;
        if (job.Stages.Count == 0)
            throw Wrong(job, "it has no stages; at least 1 is needed");

        if (demand.Devices < 1)
            throw Wrong(job, $"it needs {demand.Devices} devices at once; at least 1 is needed");

        if (demand.Priority is { } priority && Math.Abs((long)priority) > HighestPriority)
            throw Wrong(job, $"its priority is {priority}; a whole number from -{HighestPriority} to {HighestPriority} is needed, or none");

        if (demand.MemoryBytes < 0)
            throw Wrong(job, $"its memory is {demand.MemoryBytes} bytes; 0 (unknown) or more is needed");

        if (demand.Duration is { } duration && (duration <= TimeSpan.Zero || duration > LongestDuration))
            throw Wrong(job, $"its duration is {duration}; more than 0 and at most {LongestDuration.TotalDays:0} days is needed, or none");
    }

    /// <exception cref="ArgumentException">Says what was found and what is allowed.</exception>
    public static void RequireWeight(string experiment, double weight)
    {
        // Beyond these, devices per unit of weight lose their digits.
        if (!(weight >= 1e-6 && weight <= 1e6))
            throw new ArgumentException(FormattableString.Invariant($"The weight of {experiment} is {weight}; it can be a number from 0.000001 to 1000000."));
    }

    /// <exception cref="ArgumentException">Says what was found and what is allowed.</exception>
    public static void RequirePriority(string experiment, int priority)
    {
        if (Math.Abs((long)priority) > HighestPriority)
            throw new ArgumentException($"The priority of {experiment} is {priority}; it can be a whole number from -{HighestPriority} to {HighestPriority}.");
    }

    /// <exception cref="ArgumentException">Says what was found and what is allowed.</exception>
    public static void RequireMaxDevices(string experiment, int? maxDevices)
    {
        if (maxDevices < 1)
            throw new ArgumentException($"The limit of {experiment} is {maxDevices} devices; it can be 1 or more, or none. To hold it back altogether, pause it.");
    }

    private static ArgumentException Wrong(JobRequest job, string what) => new($"Job {job.Id} of {job.Experiment}: {what}.");
}
