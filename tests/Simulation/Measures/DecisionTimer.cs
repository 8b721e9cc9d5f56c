using System.Runtime.InteropServices;

namespace Orchestrator.Simulation.Measures;

/// <summary>
/// Times a decision twice: by the wall clock, and by the time that this thread had a processor. On a machine that does
/// other things too, the second one is the program's; where there is no such clock, both are the first.
/// </summary>
public readonly partial struct DecisionTimer
{
    private const int ThreadProcessorTime = 3;

    private readonly long _wall;
    private readonly TimeSpan _processor;

    private DecisionTimer(long wall, TimeSpan processor) => (_wall, _processor) = (wall, processor);

    public static DecisionTimer Start() => new(TimeProvider.System.GetTimestamp(), ProcessorTime());

    public DecisionTime Stop()
    {
        var processor = ProcessorTime() - _processor;
        var wall = TimeProvider.System.GetElapsedTime(_wall);
        return new DecisionTime(wall, OperatingSystem.IsLinux() ? processor : wall);
    }

    private static TimeSpan ProcessorTime()
    {
        if (!OperatingSystem.IsLinux() || ClockGetTime(ThreadProcessorTime, out var time) != 0)
            return TimeSpan.Zero;

        return TimeSpan.FromSeconds(time.Seconds) + new TimeSpan(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Time time);

    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}

/// <summary>What a decision took.</summary>
public readonly record struct DecisionTime(TimeSpan Wall, TimeSpan Processor);
