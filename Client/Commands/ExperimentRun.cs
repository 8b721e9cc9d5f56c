using Orchestrator.Abstractions.Results;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary>One plan, from the start of the cluster to the exit code.</summary>
internal sealed class ExperimentRun : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SilencePatience = TimeSpan.FromSeconds(60);

    private readonly ClientContext _context;
    private readonly RunRequest _request;
    private readonly ExperimentPlan _plan;
    private readonly bool _needsDevice;
    private readonly Action<ExperimentStatus> _show;
    private readonly bool _showsFailures;
    private readonly Interruption _interruption;
    private ClusterSession? _session;

    /// <param name="context">Of the program.</param>
    /// <param name="request">What the user asked for.</param>
    /// <param name="plan">What it takes.</param>
    /// <param name="show">Tells the user what came of it when all is complete; null: the summary, also of what failed.</param>
    public ExperimentRun(ClientContext context, RunRequest request, ExperimentPlan plan, Action<ExperimentStatus>? show = null)
    {
        (_context, _request, _plan) = (context, request, plan);
        // Where everything is cached a device would only be started and ended.
        _needsDevice = PlanStatus.Of(plan, new ArtefactStore(request.Layout, context.Time)).ToCompute.Any();
        _show = show ?? ShowSummary;
        _showsFailures = show is null;
        _interruption = new Interruption(() => _session?.Cluster?.Kill());
    }

    private IExperimentGrain Grain => _session!.Grains.GetGrain<IExperimentGrain>(_plan.Id.Value);

    private Screen Screen => _context.Screen;

    public async Task<int> Execute()
    {
        try
        {
            _session = await ClusterSession.Start(_context, _request.Layout, _interruption.Asked);
            if (_needsDevice)
            {
                await _session.Cluster!.StartDevices(_request.Devices, _interruption.Asked);
            }

            await Grain.Submit(Submission(), _interruption.Asked);
        }
        catch (OperationCanceledException) when (_interruption.Asked.IsCancellationRequested)
        {
            Screen.Error($"Interrupted before anything was computed. To start again: {Continuation()}");
            return ExitCodes.Interrupted;
        }

        var status = await FollowShown();
        if (_interruption.Asked.IsCancellationRequested && status?.Phase is null or ExperimentPhase.Running or ExperimentPhase.Cancelled)
        {
            Screen.Error($"Interrupted{(status?.Phase == ExperimentPhase.Cancelled ? "; what was running has been checkpointed" : "")}. To go on: {Continuation()}");
            return ExitCodes.Interrupted;
        }

        return Conclude(status!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }

        _interruption.Dispose();
    }

    private ExperimentSubmission Submission() => new(
        _plan.Name,
        _plan.SpecText,
        [.. _plan.Stages.Select(stage => new PlannedStage(stage.Key, stage.Label, stage.Definition.ToJson(), stage.Definition.DependsOn, stage.Stream))]);

    private async Task<ExperimentStatus?> FollowShown()
    {
        using IProgressDisplay display = Screen.Terminal is { } terminal && !_request.Json
            ? new ProgressView(terminal, _context.Time)
            : new ProgressLines(_request.Json ? Screen.Error : Screen.Line, _context.Time);
        Screen.NoticeSink = display.Notice;
        try
        {
            return await Follow(display);
        }
        finally
        {
            Screen.NoticeSink = null;
        }
    }

    /// <summary>Until the experiment has ended. After a signal: until it is cancelled, or patience ends (then its last state).</summary>
    private async Task<ExperimentStatus?> Follow(IProgressDisplay display)
    {
        ExperimentStatus? status = null;
        long? cancelled = null;
        while (true)
        {
            if (_session!.Cluster!.Lost is { IsCompletedSuccessfully: true } lost)
            {
                throw new CommandFailure(ExitCodes.Failed, $"{await lost}{Environment.NewLine}To go on: {Continuation()}");
            }

            if (_interruption.Asked.IsCancellationRequested && cancelled is null)
            {
                cancelled = _context.Time.GetTimestamp();
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

            if (cancelled is { } since && _context.Time.GetElapsedTime(since) > CancelPatience)
            {
                return status;
            }

            await WaitALittle(cancelled is null);
        }
    }

    /// <summary>The grain's answer; null where it gave none this time, as while a silo is replaced.</summary>
    /// <exception cref="CommandFailure">There has been no answer for long.</exception>
    private async Task<ExperimentStatus?> Ask()
    {
        var start = _context.Time.GetTimestamp();
        Exception? last = null;
        while (_context.Time.GetElapsedTime(start) < SilencePatience && !_session!.Cluster!.Lost.IsCompleted)
        {
            try
            {
                return await Grain.GetStatus(CancellationToken.None);
            }
            catch (Exception ex) when (ex is OrleansException or TimeoutException)
            {
                last = ex;
                await WaitALittle(endsOnSignal: false);
            }
        }

        return _session!.Cluster!.Lost.IsCompleted || last is null
            ? null
            : throw new CommandFailure(ExitCodes.Failed, $"The control silo has not answered for {SilencePatience.TotalSeconds:0} s: {last.Message} See {_request.Layout.Logs}. To go on: {Continuation()}", last);
    }

    private async Task WaitALittle(bool endsOnSignal)
    {
        var signal = endsOnSignal ? _interruption.Asked : CancellationToken.None;
        await Task.Delay(Poll, _context.Time, signal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private int Conclude(ExperimentStatus status)
    {
        if (_showsFailures && status.SummaryPath is null)
        {
            throw new CommandFailure(ExitCodes.Failed, $"The {_request.Noun} ended as {status.Phase.ToString().ToLowerInvariant()}, but its report could not be written; see {Path.Combine(_request.Layout.Logs, "control.log")}.{Reasons(status)}");
        }

        if (_showsFailures || status.Phase == ExperimentPhase.Completed)
        {
            _show(status);
        }

        if (status.Phase == ExperimentPhase.Completed)
        {
            return ExitCodes.Done;
        }

        Screen.Error($"The {_request.Noun} {status.Phase.ToString().ToLowerInvariant()}.{Reasons(status)}");
        return ExitCodes.Failed;
    }

    private void ShowSummary(ExperimentStatus status)
    {
        if (_request.Json)
        {
            Screen.Line(File.ReadAllText(status.SummaryPath!).TrimEnd());
        }
        else
        {
            SummaryView.Write(Screen, ResultJson.Read<ExperimentSummary>(status.SummaryPath!), _request.Layout.Report(_plan.Id));
        }
    }

    private static string Reasons(ExperimentStatus status) => string.Concat(status.Stages
        .Where(stage => stage.Phase == StagePhase.Failed)
        .Select(stage => $"{Environment.NewLine}  {stage.Label}: {stage.Reason}"));

    private string Continuation()
    {
        IEnumerable<string> devices = _request.Devices is ["cpu"] ? [] : _request.Devices.SelectMany(device => new[] { "--device", device });
        return CommandLineText.WithArguments([.. _request.Command, "--store", _request.StoreText, .. devices]);
    }
}
