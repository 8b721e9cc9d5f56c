using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling;

namespace Orchestrator.Silo.Devices;

/// <summary>
/// Says that the device is there and renews its lease. It is not the device grain's timer: the scheduler may be calling
/// that grain at the same time, and the grain's activation may end while the thread works on.
/// </summary>
public sealed partial class DeviceHeartbeat(
    DeviceThread thread,
    DeviceIdentity device,
    DevicePulse pulse,
    IGrainFactory grains,
    IOptions<SchedulingOptions> scheduling,
    IOptions<DeviceOptions> options,
    TimeProvider time,
    ILogger<DeviceHeartbeat> logger) : BackgroundService
{
    private readonly ILogger _logger = logger;

    /// <summary>
    /// When the call was sent that was answered last, on a clock that nobody sets. On Linux it counts while the process is
    /// stopped (SIGSTOP), and not while the machine sleeps: then the epoch alone keeps late commits out.
    /// </summary>
    private long _heardSince;
    private bool _registered;

    private ISchedulerGrain Scheduler => grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool);

    /// <summary>Before the silo stops: a checkpoint, then a word to the scheduler.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var inTime = await Task.Run(() => thread.Shutdown(options.Value.CheckpointGrace), CancellationToken.None);
        if (!inTime)
        {
            LogNoCheckpoint(device.Name, options.Value.CheckpointGrace.TotalSeconds);
            return; // still computing: its lease must expire
        }

        try
        {
            await Scheduler.Unregister(device.Name, device.Incarnation, cancellationToken)
                .WaitAsync(scheduling.Value.Heartbeat, time, cancellationToken);
        }
        catch (Exception e)
        {
            LogNotTold(e, device.Name); // a new incarnation, or the lease's end, says the same
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(scheduling.Value.Heartbeat, time);
        _heardSince = time.GetTimestamp();
        do
        {
            await Beat(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task Beat(CancellationToken stopping)
    {
        var job = thread.Current;
        var sent = time.GetTimestamp();
        try
        {
            if (job is null || !_registered)
            {
                await Bounded(Scheduler.Register(device.Info, stopping), stopping);
                _registered = true;
            }

            if (job is not null && !await Bounded(Renew(job, stopping), stopping))
            {
                job.Lose("the scheduler no longer knows the lease");
                _registered = false;
            }

            // The lease was extended after this was sent, so that it ends no earlier than is counted here.
            _heardSince = sent;
            job?.Renewed(sent);
            pulse.Beat();
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            LogNotHeard(e, device.Name);
            StopWithoutRenewal(job);
        }
    }

    /// <summary>False where the scheduler does not know the lease, unless the job has just ended and released it.</summary>
    private async Task<bool> Renew(RunningJob job, CancellationToken cancellationToken) =>
        await Scheduler.Renew(device.Name, device.Incarnation, job.Epoch, cancellationToken) || thread.Current != job;

    /// <summary>
    /// A holder that cannot renew for half of the lease's time stops itself, so that it has stopped when the other half is
    /// over and somebody else starts.
    /// </summary>
    private void StopWithoutRenewal(RunningJob? job)
    {
        var silence = time.GetElapsedTime(_heardSince);
        if (silence >= scheduling.Value.LeaseTtl / 2)
        {
            job?.Lose($"it could not be renewed for {silence.TotalSeconds:0.0} s");
            _registered = false;
        }
    }

    private Task Bounded(Task call, CancellationToken cancellationToken) =>
        call.WaitAsync(scheduling.Value.Heartbeat, time, cancellationToken);

    private Task<T> Bounded<T>(Task<T> call, CancellationToken cancellationToken) =>
        call.WaitAsync(scheduling.Value.Heartbeat, time, cancellationToken);

    [LoggerMessage(LogLevel.Warning, "Device {Device} could not reach the scheduler; trying again")]
    private partial void LogNotHeard(Exception exception, string device);

    [LoggerMessage(LogLevel.Warning, "Device {Device}: the job made no checkpoint within {Seconds} s; it will go on from the last one")]
    private partial void LogNoCheckpoint(string device, double seconds);

    [LoggerMessage(LogLevel.Information, "Device {Device}: the scheduler could not be told of the end")]
    private partial void LogNotTold(Exception exception, string device);
}
