namespace Orchestrator.Contracts.Scheduling;

/// <summary>Why a job waits.</summary>
public enum WaitReason
{
    /// <summary>It does not: the next decision starts it.</summary>
    Next,

    /// <summary>Its experiment is paused.</summary>
    Paused,

    /// <summary>Its experiment holds as many devices as it may, or would hold more with this job.</summary>
    LimitReached,

    /// <summary>A stage of it is being computed in another job; it goes on where that one ends.</summary>
    ComputedElsewhere,

    /// <summary>No device of its kind is there.</summary>
    NoDevice,

    /// <summary>No device that is there has the memory that it needs.</summary>
    TooLittleMemory,

    /// <summary>It needs more devices at once than are there.</summary>
    GangTooLarge,

    /// <summary>It has the promise of devices; some of them are still at work.</summary>
    GangWaits,

    /// <summary>Jobs of a lower class were asked to make room for it.</summary>
    Preempting,

    /// <summary>Jobs of a higher class go first.</summary>
    LowerPriority,

    /// <summary>Earlier jobs of its own experiment go first.</summary>
    BehindOwn,

    /// <summary>Its experiment has had more of its share than others that have work waiting.</summary>
    ShareUsedUp,

    /// <summary>It is first in line, and every device that it could have is at work or promised.</summary>
    NoDeviceFree,

    /// <summary>The store's disk is full; it goes on by itself when there is room again.</summary>
    DiskFull,
}
