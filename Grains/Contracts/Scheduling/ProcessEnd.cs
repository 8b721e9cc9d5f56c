using System.Globalization;

namespace Orchestrator.Contracts.Scheduling;

/// <summary>How the process of a device ended, as its supervisor saw it.</summary>
/// <param name="ProcessId">Which.</param>
/// <param name="ExitCode">As shells count: 128 and the number of the signal, where one ended it.</param>
/// <param name="LastLines">The last that it wrote, from the native error on where there is one; oldest first.</param>
/// <param name="At">When it was seen.</param>
[GenerateSerializer, Immutable, Alias("ProcessEnd")]
public sealed record ProcessEnd(
    [property: Id(0)] int ProcessId,
    [property: Id(1)] int ExitCode,
    [property: Id(2)] IReadOnlyList<string> LastLines,
    [property: Id(3)] DateTimeOffset At)
{
    private const int SignalBase = 128;

    /// <summary>Signals by which somebody else ends a process: HUP, INT, KILL, TERM.</summary>
    private static readonly int[] FromOutside = [1, 2, 9, 15];

    private static readonly Dictionary<int, string> Signals = new()
    {
        [1] = "SIGHUP",
        [2] = "SIGINT",
        [3] = "SIGQUIT",
        [4] = "SIGILL",
        [6] = "SIGABRT",
        [7] = "SIGBUS",
        [8] = "SIGFPE",
        [9] = "SIGKILL",
        [11] = "SIGSEGV",
        [15] = "SIGTERM",
        [24] = "SIGXCPU",
        [25] = "SIGXFSZ",
    };

    /// <summary>The kernel ended it because memory had run out.</summary>
    [Id(4)]
    public bool IsOutOfMemory { get; init; }

    /// <summary>The number of the signal that ended it; null: it exited.</summary>
    public int? Signal => ExitCode > SignalBase ? ExitCode - SignalBase : null;

    /// <summary>Whether what it computed ended it, as far as can be seen: neither a signal from outside nor an end in good order.</summary>
    public bool IsCrash => !IsOutOfMemory && (Signal is { } signal ? !FromOutside.Contains(signal) : ExitCode != 0);

    /// <summary>In a few words.</summary>
    public string Text =>
        (Signal is { } signal
            ? $"ended by {Signals.GetValueOrDefault(signal, string.Create(CultureInfo.InvariantCulture, $"signal {signal}"))}"
            : string.Create(CultureInfo.InvariantCulture, $"exited with code {ExitCode}"))
        + (IsOutOfMemory ? ", as memory had run out" : "");

    /// <summary>The line that says most: the native error, or the last one.</summary>
    public string? Error => LastLines.Count > 0 ? LastLines[0] : null;
}
