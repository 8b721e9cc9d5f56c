using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary>
/// One plan, from the cluster to the exit code: on the store's lasting cluster where one is up, else on one of its own,
/// which starts and ends with it.
/// </summary>
internal sealed class ExperimentRun : IAsyncDisposable
{
    private readonly ClientContext _context;
    private readonly RunRequest _request;
    private readonly ExperimentPlan _plan;
    private readonly bool _needsDevice;
    private readonly Action<ExperimentStatus>? _show;
    private readonly Interruption _interruption;
    private ClusterSession? _session;

    /// <param name="context">Of the program.</param>
    /// <param name="request">What the user asked for.</param>
    /// <param name="plan">What it takes.</param>
    /// <param name="show">Tells the user what came of it when all is complete; null: the summary, also of what failed.</param>
    public ExperimentRun(ClientContext context, RunRequest request, ExperimentPlan plan, Action<ExperimentStatus>? show = null)
    {
        (_context, _request, _plan, _show) = (context, request, plan, show);
        // Where everything is cached a device would only be started and ended.
        _needsDevice = PlanStatus.Of(plan, new ArtefactStore(request.Layout, context.Time)).ToCompute.Any();
        _interruption = new Interruption(() => _session?.Cluster?.Kill());
    }

    private Screen Screen => _context.Screen;

    /// <summary>A cluster of others goes on with the work when this process ends; it may also be others' work.</summary>
    private bool IsDetachable => _session is { Cluster: null };

    public async Task<int> Execute()
    {
        try
        {
            _session = await ClusterSession.Open(_context, _request.Layout, _interruption.Asked);
            if (_session.Cluster is not { } own)
            {
                RequireDevices();
            }
            else if (_needsDevice)
            {
                await own.StartDevices(_request.Devices, _interruption.Asked);
            }

            await (IsDetachable
                ? Submissions.SubmitPatiently(_session.Grains, _plan, _context.Time, _interruption.Asked)
                : Submissions.Submit(_session.Grains, _plan, _interruption.Asked));
            await TellPause();
        }
        catch (OperationCanceledException) when (_interruption.Asked.IsCancellationRequested)
        {
            Screen.Error($"Interrupted before anything was computed. To start again: {Continuation()}");
            return ExitCodes.Interrupted;
        }

        var follower = new ExperimentFollower(_context, _session, _request.Layout, _plan.Id, _interruption) { CancelsOnSignal = !IsDetachable, Continuation = Continuation() };
        var status = await follower.Follow(_request.Json);
        if (_interruption.Asked.IsCancellationRequested && status?.Phase is null or ExperimentPhase.Running or ExperimentPhase.Cancelled)
        {
            Screen.Error(IsDetachable
                ? Detachment.Message(_plan.Id, _request.Layout, _show is null ? null : Continuation())
                : $"Interrupted{(status?.Phase == ExperimentPhase.Cancelled ? "; what was running has been checkpointed" : "")}. To go on: {Continuation()}");
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

    /// <summary>Devices of a lasting cluster are its own affair; those that the user names must be among them.</summary>
    private void RequireDevices()
    {
        if (_session!.HasDatabase)
        {
            if (_request.DevicesAreGiven)
            {
                throw CommandFailure.Usage("--device cannot be given here: the cluster may span hosts, and has the devices that its hosts have started.");
            }

            return;
        }

        var devices = ClusterFile.FindRunning(_request.Layout)?.Devices ?? [];
        if (_request.DevicesAreGiven && _request.Devices.Except(devices).ToList() is { Count: > 0 } missing)
        {
            throw CommandFailure.Usage($"The cluster that is up on the store {_request.Layout.Root} has no {string.Join(" and no ", missing)}; it has {string.Join(", ", devices)}.");
        }
    }

    private async Task TellPause()
    {
        var shares = await ExperimentOverview.Scheduler(_session!.Grains).GetShares(_interruption.Asked);
        if (shares.Any(share => share.Experiment == _plan.Id && share.Paused))
        {
            Screen.Notice(Submissions.PausedMessage(_plan.Id, _request.Layout));
        }
    }

    private int Conclude(ExperimentStatus status)
    {
        if (_show is null)
        {
            return ExperimentConclusion.Show(Screen, _request.Layout, _request.Noun, status, _request.Json);
        }

        if (status.Phase == ExperimentPhase.Completed)
        {
            _show(status);
        }

        return ExperimentConclusion.ExitCodeOf(Screen, _request.Noun, status);
    }

    private string Continuation()
    {
        IEnumerable<string> devices = _request.DevicesAreGiven ? _request.Devices.SelectMany(device => new[] { "--device", device }) : [];
        return CommandLineText.WithArguments([.. _request.Command, "--store", _request.StoreText, .. devices]);
    }
}
