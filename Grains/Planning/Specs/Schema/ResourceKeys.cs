namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Keys of <c>resources</c> and <c>retry</c>: nothing of them decides a result, so that none is part of an address.</summary>
internal static class ResourceKeys
{
    /// <summary>Bytes of the unit in which memory is given.</summary>
    public const double Gibibyte = 1L << 30;

    public static IntegerKey Devices { get; } = new("devices", "Devices that the experiment may hold at once; not given: as many as its share comes to.", 1, 1_000_000);

    public static NumberKey Memory { get; } = new("memory_gib", "Memory that a run needs on its device, GiB: it waits for a device that has it; not given: what follows from its sizes, as `plan` shows it.", 0, 1_000_000) { AboveMinimum = true };

    public static IntegerKey Priority { get; } = new("priority", "A higher one goes first, and may have runs of a lower one make a checkpoint and wait; not given: 0, or what `set` said.", -1_000, 1_000);

    public static NumberKey Weight { get; } = new("weight", "Share of the devices relative to other experiments that have work; not given: 1, or what `set` said.", 1e-6, 1e6);
}

/// <inheritdoc cref="ResourceKeys"/>
internal static class RetryKeys
{
    public static IntegerKey LostAttempts { get; } = new("lost_attempts", "Attempts in a row that a run may lose with their device's process, without a new checkpoint, before it fails; not given: 5. Where experiments share a run, the largest counts.", 1, 1_000);

    public static IntegerKey OutOfMemory { get; } = new("out_of_memory", "Tries after one that ran out of memory alone on its device; not given: 1. What runs out in company is first tried apart, which does not count.", 0, 100);

    public static IntegerKey Plugin { get; } = new("plugin", "Tries after one in which a plugin failed; not given: 0, as it mostly fails again.", 0, 100);
}
