using System.ComponentModel;
using System.Diagnostics;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Client.Cluster;

/// <summary>
/// One silo as a child. It reads its standard input and ends when that ends, which it does when this process dies in
/// whatever way: no orphans.
/// </summary>
public sealed class SiloProcess : IAsyncDisposable
{
    /// <summary>128 and SIGKILL.</summary>
    private const int Killed = 137;

    /// <summary>Lines of which its end is described.</summary>
    private const int MostLines = 100;

    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly long? _outOfMemoryKills = OutOfMemoryKills.Count();
    private readonly LogFile _log;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _exited;

    private SiloProcess(SiloLaunch launch, Process process, LogFile log)
    {
        (Launch, _process, _log) = (launch, process, log);
        Mark = ProcessMark.Of(process);
        var output = BoundedLines.Read(process.StandardOutput, Hear);
        var errors = BoundedLines.Read(process.StandardError, Hear);
        _exited = Task.WhenAll(process.WaitForExitAsync(), output, errors);
    }

    public SiloLaunch Launch { get; }

    public ProcessMark Mark { get; }

    /// <summary>Completes when the process has ended and all that it wrote is in the log.</summary>
    public Task Exited => _exited;

    /// <summary>Valid once it has exited.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Whether it has said that it serves.</summary>
    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>How it ended, and what it wrote last; valid once it has exited.</summary>
    public ProcessEnd DescribeEnd(DateTimeOffset now)
    {
        lock (_lines)
        {
            return new ProcessEnd(Mark.Id, ExitCode, LastWords.Of(_lines), now)
            {
                IsOutOfMemory = ExitCode == Killed && OutOfMemoryKills.Count() > _outOfMemoryKills,
            };
        }
    }

    /// <summary>Starts it; its output goes to the log.</summary>
    /// <exception cref="CommandFailure">The .NET host cannot be started.</exception>
    public static SiloProcess Start(SiloInstallation installation, SiloLaunch launch, LogFile log)
    {
        var start = new ProcessStartInfo(SiloInstallation.DotnetHost)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.ArgumentList.Add(installation.Assembly);
        foreach (var argument in launch.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            var process = Process.Start(start) ?? throw new InvalidOperationException("no process came of it");
            log.Append($"--- {launch.Name}: process {process.Id} ---");
            return new SiloProcess(launch, process, log);
        }
        catch (Exception ex) when (ex is Win32Exception or InvalidOperationException)
        {
            throw new CommandFailure(ExitCodes.Failed, $"{start.FileName} cannot be started for the {launch.Name} silo: {ex.Message}", ex);
        }
    }

    /// <summary>Waits until the silo says that it serves.</summary>
    /// <exception cref="CommandFailure">
    /// It refused what it was told, in its own words; or it ended, or did not say so in time: the message ends with the tail of its log.
    /// </exception>
    public async Task WaitUntilReady(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var first = await Task.WhenAny(_ready.Task, _exited, Task.Delay(timeout, time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        if (first == _ready.Task)
        {
            return;
        }

        if (first == _exited && ExitCode == ExitCodes.BadUsage)
        {
            // It has said itself what is wrong with what it was told, and nothing else.
            throw CommandFailure.Usage($"The {Launch.Name} silo does not start. {string.Join(Environment.NewLine, _log.Tail.Skip(1))}");
        }

        var what = first == _exited ? $"ended with code {ExitCode} while starting" : $"was not ready within {timeout.TotalSeconds:0} s";
        throw new CommandFailure(ExitCodes.Failed, $"The {Launch.Name} silo {what}. The end of {_log.Path}:{DescribeTail()}");
    }

    /// <summary>The log's last lines, each on a line of its own.</summary>
    public string DescribeTail() => string.Concat(_log.Tail.Select(line => $"{Environment.NewLine}  {line}"));

    /// <summary>Asks it to end by closing its input, and kills it when it does not within the grace.</summary>
    public async Task Stop(TimeSpan grace)
    {
        CloseInput();
        try
        {
            await _exited.WaitAsync(grace);
        }
        catch (TimeoutException)
        {
            _log.Append($"--- {Launch.Name}: killed, it did not end within {grace.TotalSeconds:0} s ---");
            Kill();
            await _exited;
        }
    }

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception ex) when (ex is InvalidOperationException or Win32Exception)
        {
            // It has ended already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _exited;
        _process.Dispose();
    }

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }
    }

    private void Hear(string line)
    {
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MostLines)
            {
                _lines.Dequeue();
            }
        }

        _log.Append(line);
        if (ReadinessLine.Is(line))
        {
            _ready.TrySetResult();
        }
    }
}
