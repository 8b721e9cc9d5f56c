using System.ComponentModel;
using System.Diagnostics;
using Orchestrator.Client.Commands;

namespace Orchestrator.Client.Cluster;

/// <summary>Starts a supervisor as a process of its own, which goes on when this one and its terminal are gone.</summary>
internal static class DetachedCluster
{
    /// <summary>Tells the process that it is the supervisor.</summary>
    public const string Option = "--detached";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than a starting cluster waits for silos that an earlier one left.</summary>
    private static readonly TimeSpan OtherPatience = TimeSpan.FromSeconds(15);

    /// <summary>Waits until the cluster is ready; a signal meanwhile ends the supervisor too.</summary>
    /// <returns>The file of the cluster that is up then, and whether this call started it.</returns>
    /// <exception cref="CommandFailure">It did not start; the message is the supervisor's.</exception>
    public static async Task<(ClusterFile File, bool IsNew)> Start(ClientContext context, UpRequest request)
    {
        using var supervisor = Launch(context, request);
        using var interruption = new Interruption(supervisor.Kill);
        var errors = supervisor.StandardError.ReadToEndAsync();
        _ = supervisor.StandardOutput.ReadToEndAsync();
        while (!supervisor.HasExited)
        {
            if (ClusterFile.FindRunning(request.Layout) is { IsReady: true } file && file.Client.Id == supervisor.Id)
            {
                return (file, true);
            }

            if (interruption.Asked.IsCancellationRequested)
            {
                ProcessSignals.AskToEnd(supervisor.Id);
                await supervisor.WaitForExitAsync();
                throw new CommandFailure(ExitCodes.Interrupted, "Interrupted; no cluster was started.");
            }

            await Task.Delay(Poll, context.Time, interruption.Asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var text = (await errors).Trim();
        var isSecond = supervisor.ExitCode == ExitCodes.Done || text.Contains(LocalCluster.OccupiedText, StringComparison.Ordinal);
        return isSecond && await Other(context, request, interruption.Asked) is { } other
            ? (other, false)
            : throw new CommandFailure(supervisor.ExitCode == ExitCodes.BadUsage ? ExitCodes.BadUsage : ExitCodes.Failed, text.Length > 0 ? text : $"The cluster did not start; see {Supervisor.LogOf(request)}.");
    }

    /// <summary>Another <c>up</c> was first, and may not have written its file yet; its cluster serves as well.</summary>
    private static async Task<ClusterFile?> Other(ClientContext context, UpRequest request, CancellationToken cancellationToken)
    {
        var start = context.Time.GetTimestamp();
        while (ClusterFile.FindRunning(request.Layout) is null && context.Time.GetElapsedTime(start) < OtherPatience)
        {
            await Task.Delay(Poll, context.Time, cancellationToken);
        }

        return await ClusterSession.UntilReady(request.Layout, context.Time, cancellationToken) is { IsLasting: true } other ? other : null;
    }

    private static Process Launch(ClientContext context, UpRequest request)
    {
        Directory.CreateDirectory(request.Layout.Root);
        var start = new ProcessStartInfo(SiloInstallation.DotnetHost)
        {
            WorkingDirectory = request.Layout.Root, // the caller's folder may go away while the cluster is up
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.ArgumentList.Add(Path.Combine(context.ProgramFolder, "Orchestrator.Client.dll"));
        foreach (var argument in (string[])[.. request.ToArguments(), UpCommand.Foreground, Option])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("no process came of it");
        }
        catch (Exception ex) when (ex is Win32Exception or InvalidOperationException)
        {
            throw new CommandFailure(ExitCodes.Failed, $"{start.FileName} cannot be started for the cluster: {ex.Message}", ex);
        }
    }
}
