using System.Diagnostics;
using System.Text;
using Orchestrator.Client.Cluster;

namespace Orchestrator.Processes.Databases;

/// <summary>A silo as a service manager starts it: without a parent that it ends with.</summary>
internal sealed class ServiceSilo : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceSilo(Process process, string name)
    {
        (_process, Name) = (process, name);
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>What it wrote.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return $"--- {Name}, process {Id}{Environment.NewLine}{_output}";
        }
    }

    /// <param name="name">For messages.</param>
    /// <param name="place">The command under which it runs, as another network namespace; empty: none.</param>
    /// <param name="environment">Variables that it gets beside this process' own.</param>
    /// <param name="arguments">Its command line.</param>
    public static ServiceSilo Start(string name, IReadOnlyList<string> place, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        string[] command = [.. place, SiloInstallation.DotnetHost, Repository.Silo, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;

        return new ServiceSilo(Process.Start(start)!, name);
    }

    /// <summary>Waits until it serves.</summary>
    public async Task UntilReady()
    {
        if (await Task.WhenAny(_ready.Task, _process.WaitForExitAsync(), Task.Delay(Limit)) != _ready.Task)
            throw new TimeoutException($"The silo does not serve. {Output}");
    }

    public async Task<int> UntilExit()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        return ExitCode;
    }

    public void Signal(string name) => Signals.Send(name, Id);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;

        lock (_output)
            _output.AppendLine(line);

        if (ReadinessLine.Is(line))
            _ready.TrySetResult();
    }
}
