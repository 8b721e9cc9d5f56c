using Orchestrator.Client.Commands;

namespace Orchestrator.Client.Cluster;

/// <summary>The process that keeps a lasting cluster up until a signal ends it.</summary>
/// <param name="context">Of the program.</param>
/// <param name="request">What is to be up.</param>
internal sealed class Supervisor(ClientContext context, UpRequest request)
{
    /// <summary>Until it is told to end, or the cluster cannot be kept up.</summary>
    /// <param name="ready">Told once all of it serves.</param>
    /// <exception cref="CommandFailure">It does not start, or cannot go on.</exception>
    public async Task<int> Run(Action<ClusterFile> ready)
    {
        LocalCluster? cluster = null;
        using var interruption = new Interruption(() => cluster?.Kill());
        LogFile? log = null;
        void Append(string text)
        {
            log ??= new LogFile(LogOf(request)); // not before the store is held: another supervisor may be writing it
            log.Append($"{context.Time.GetUtcNow():O} {text}");
        }

        void Tell(string text)
        {
            Append(text);
            context.Screen.Notice(text);
        }

        try
        {
            var installation = SiloInstallation.Find(context.ProgramFolder);
            cluster = await LocalCluster.Start(request.Layout, installation, new LocalClusterOptions(true, request.Ports, request.Definition), context.Time, Tell, interruption.Asked);
            await cluster.StartDevices(request.Devices, interruption.Asked);
            cluster.MarkReady();
            Append($"The cluster is up with {string.Join(", ", request.Devices)}.");
            ready(ClusterFile.Read(request.Layout.ClusterFile)!);
            await Task.WhenAny(cluster.Lost, Task.Delay(Timeout.Infinite, interruption.Asked));
            if (cluster.Lost.IsCompleted)
            {
                throw new CommandFailure(ExitCodes.Failed, await cluster.Lost);
            }

            Tell("Ending: what runs is checkpointed first.");
            return ExitCodes.Done;
        }
        catch (OperationCanceledException) when (interruption.Asked.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (CommandFailure failure) when (!failure.Message.Contains(LocalCluster.OccupiedText, StringComparison.Ordinal))
        {
            Append(failure.Message);
            throw;
        }
        finally
        {
            if (cluster is not null)
            {
                await cluster.DisposeAsync();
                Append("The cluster has ended.");
            }

            log?.Dispose();
        }
    }

    /// <summary>What a supervisor writes.</summary>
    public static string LogOf(UpRequest request) => Path.Combine(request.Layout.Logs, "supervisor.log");
}
