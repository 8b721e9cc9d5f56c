using System.Runtime.InteropServices;

namespace Orchestrator.Client.Commands;

/// <summary>
/// Ctrl-C and SIGTERM. The first asks for an orderly end, the second ends at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly Action _kill;
    private readonly List<PosixSignalRegistration> _signals;
    private int _count;

    /// <param name="kill">Ends children at once; called on the second signal, before this process exits.</param>
    public Interruption(Action kill)
    {
        _kill = kill;
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Asked => _asked.Token;

    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        _asked.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) == 1)
        {
            _asked.Cancel();
            return;
        }

        _kill();
        Environment.Exit(ExitCodes.Interrupted);
    }
}
