using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Silo.Hosting;

/// <summary>
/// When the process ends. SIGTERM ends it in good order. With a parent so does the parent's end: its side of stdin closes,
/// however it died. Ctrl-C in a terminal reaches every process of the group; then the parent decides, and this one waits.
/// </summary>
internal sealed partial class ProcessLifetime(
    SiloSettings settings, IHostApplicationLifetime application, TimeProvider time, ILogger<ProcessLifetime> logger)
    : IHostLifetime, IDisposable
{
    private static readonly TimeSpan ParentPoll = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;
    private readonly List<IDisposable> _signals = [];
    private readonly CancellationTokenSource _disposed = new();

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, "SIGTERM")));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            if (settings.ParentPid is null)
                Stop(signal, "SIGINT");
            else
                signal.Cancel = true;
        }));
        if (settings.ParentPid is { } parent)
        {
            _ = WatchInput();
            _ = WatchParent(parent);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _disposed.Cancel();
        foreach (var signal in _signals)
            signal.Dispose();
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private void Stop(PosixSignalContext signal, string name)
    {
        signal.Cancel = true; // not at once: after the checkpoint
        LogStopping(name);
        application.StopApplication();
    }

    /// <summary>On a thread of the pool: reading a pipe blocks whatever the API says.</summary>
    private Task WatchInput() => Task.Factory.StartNew(
        () =>
        {
            using var input = Console.OpenStandardInput();
            Span<byte> ignored = stackalloc byte[256];
            while (input.Read(ignored) > 0)
            {
                // Nothing is said on this pipe; only its end means something.
            }

            LogStopping("the end of stdin");
            application.StopApplication();
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private async Task WatchParent(int parent)
    {
        using var timer = new PeriodicTimer(ParentPoll, time);
        try
        {
            while (IsAlive(parent))
                await timer.WaitForNextTickAsync(_disposed.Token);

            LogStopping($"the end of its parent, process {parent}");
            application.StopApplication();
        }
        catch (OperationCanceledException)
        {
            // Stopping already.
        }
    }

    [LoggerMessage(LogLevel.Information, "Stopping because of {Cause}")]
    private partial void LogStopping(string cause);
}
