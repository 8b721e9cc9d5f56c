using Orchestrator.Abstractions;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary>Shows how an experiment gets on until it has ended, or the user has seen enough.</summary>
/// <param name="context">Of the program.</param>
/// <param name="session">The way to the experiment.</param>
/// <param name="layout">The store.</param>
/// <param name="id">The experiment.</param>
/// <param name="interruption">The user's signals.</param>
internal sealed class ExperimentFollower(ClientContext context, ClusterSession session, StoreLayout layout, ExperimentId id, Interruption interruption)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SilencePatience = TimeSpan.FromSeconds(60);

    /// <summary>Whether a signal cancels the experiment; else it only ends the looking on.</summary>
    public required bool CancelsOnSignal { get; init; }

    /// <summary>What the user can type to go on after a failure of the cluster.</summary>
    public required string Continuation { get; init; }

    private IExperimentGrain Grain => session.Grains.GetGrain<IExperimentGrain>(id.Value);

    /// <summary>Until the experiment has ended. After a signal: until it is cancelled, or patience ends (then its last state).</summary>
    /// <param name="json">Whether standard output is for the result alone.</param>
    /// <returns>Null where a signal came before anything was heard.</returns>
    /// <exception cref="CommandFailure">The cluster is lost, or has been silent for long.</exception>
    public async Task<ExperimentStatus?> Follow(bool json)
    {
        var screen = context.Screen;
        using IProgressDisplay display = screen.Terminal is { } terminal && !json
            ? new ProgressView(terminal, context.Time)
            : new ProgressLines(json ? screen.Error : screen.Line, context.Time);
        screen.NoticeSink = display.Notice;
        try
        {
            return await Follow(display);
        }
        finally
        {
            screen.NoticeSink = null;
        }
    }

    private async Task<ExperimentStatus?> Follow(IProgressDisplay display)
    {
        ExperimentStatus? status = null;
        long? cancelled = null;
        while (true)
        {
            if (session.Cluster?.Lost is { IsCompletedSuccessfully: true } lost)
            {
                throw new CommandFailure(ExitCodes.Failed, $"{await lost}{Environment.NewLine}To go on: {Continuation}");
            }

            if (interruption.Asked.IsCancellationRequested && cancelled is null)
            {
                if (!CancelsOnSignal)
                {
                    return status;
                }

                cancelled = context.Time.GetTimestamp();
                display.Notice("Interrupted: what runs is checkpointed first. Interrupt again to end at once.");
                await Grain.Cancel(CancellationToken.None);
            }

            status = await Ask() ?? status;
            if (status is not null)
            {
                display.Show(status);
                if (status.Phase != ExperimentPhase.Running)
                {
                    return status;
                }
            }

            if (cancelled is { } since && context.Time.GetElapsedTime(since) > CancelPatience)
            {
                return status;
            }

            await WaitALittle(endsOnSignal: cancelled is null);
        }
    }

    /// <summary>The grain's answer; null where it gave none this time, as while a silo is replaced.</summary>
    private async Task<ExperimentStatus?> Ask()
    {
        var start = context.Time.GetTimestamp();
        Exception? last = null;
        while (context.Time.GetElapsedTime(start) < SilencePatience && session.Cluster?.Lost.IsCompleted != true)
        {
            try
            {
                return await Grain.GetStatus(CancellationToken.None);
            }
            catch (Exception ex) when (ex is OrleansException or TimeoutException)
            {
                if (interruption.Asked.IsCancellationRequested && !CancelsOnSignal)
                {
                    return null;
                }

                RequireCluster();
                last = ex;
                await WaitALittle(endsOnSignal: !CancelsOnSignal);
            }
        }

        return session.Cluster?.Lost.IsCompleted == true || last is null
            ? null
            : throw new CommandFailure(ExitCodes.Failed, $"The control silo has not answered for {SilencePatience.TotalSeconds:0} s: {last.Message} See {layout.Logs}. To go on: {Continuation}", last);
    }

    /// <summary>Another process' cluster may have been ended; its silence is then no riddle.</summary>
    private void RequireCluster()
    {
        if (session is { Cluster: null, HasDatabase: false } && ClusterFile.FindRunning(layout) is null)
        {
            throw new CommandFailure(ExitCodes.Failed, $"The cluster on the store {layout.Root} has been ended; {id} goes on when it is up again. To go on: {Continuation}");
        }
    }

    private async Task WaitALittle(bool endsOnSignal)
    {
        var signal = endsOnSignal ? interruption.Asked : CancellationToken.None;
        await Task.Delay(Poll, context.Time, signal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
