using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Orchestrator.Client.Cluster;

namespace Orchestrator.Processes;

/// <summary>The client as a user starts it, with everything that it writes.</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private ClientProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    /// <summary>Standard output as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>What to print when an assertion fails.</summary>
    public string Transcript => $"exit code {(_process.HasExited ? _process.ExitCode : null)}{Environment.NewLine}--- stdout{Environment.NewLine}{Output}--- stderr{Environment.NewLine}{Errors}";

    public static ClientProcess Start(params string[] arguments) => Start(Repository.Client, new Dictionary<string, string>(), arguments);

    /// <param name="assembly">The client's program.</param>
    /// <param name="environment">Variables that it gets beside this process' own.</param>
    public static ClientProcess Start(string assembly, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Start(Environment.CurrentDirectory, assembly, environment, arguments);

    private static ClientProcess Start(string folder, string assembly, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(SiloInstallation.DotnetHost)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(assembly);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new ClientProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<ClientProcess> Run(params string[] arguments)
    {
        var client = Start(arguments);
        await client.WaitForExit();
        return client;
    }

    /// <summary>The same, in a working folder.</summary>
    public static async Task<ClientProcess> RunIn(string folder, params string[] arguments)
    {
        var client = Start(folder, Repository.Client, new Dictionary<string, string>(), arguments);
        await client.WaitForExit();
        return client;
    }

    /// <summary>Starts the client in a working folder.</summary>
    public static ClientProcess StartIn(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Start(folder, Repository.Client, environment, arguments);

    public async Task<int> WaitForExit()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The client did not end within {Limit.TotalMinutes:0} minutes. {Transcript}");
        }

        return _process.ExitCode;
    }

    /// <summary>Sends a signal by name: <c>INT</c>, <c>KILL</c>.</summary>
    public void Signal(string name) => Signals.Send(name, _process.Id);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.AppendLine(line);
            }
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
