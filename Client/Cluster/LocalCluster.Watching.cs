using System.Globalization;
using Orchestrator.Abstractions.Results;

namespace Orchestrator.Client.Cluster;

/// <content>What follows when a silo ends by itself.</content>
public sealed partial class LocalCluster
{
    /// <summary>Complete while the control silo is up; devices that start meanwhile would find nothing to join.</summary>
    private TaskCompletionSource _control = CompletedSource();

    private static TaskCompletionSource CompletedSource()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }

    private static string Deaths(string name, int code) =>
        $"The {name} silo ended with code {code} for the {RestartPolicy.MaxRestarts + 1}th time within {RestartPolicy.Window.TotalMinutes:0} minutes; it is not started again.";

    private static string In(TimeSpan delay) => delay > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $" in {delay.TotalSeconds:0} s") : "";

    private async Task WatchControl(Supervised control)
    {
        var policy = new RestartPolicy(_time);
        while (true)
        {
            await control.Process.Exited;
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            var code = control.Process.ExitCode;
            if (!_options.IsLasting)
            {
                Lose($"The control silo ended with code {code}; nothing can go on without it.", control);
                return;
            }

            if (policy.NoteDeath(control.Process.IsReady) is not { } delay)
            {
                Lose(Deaths("control", code), control);
                return;
            }

            _notify($"The control silo ended with code {code}; it is started again{In(delay)}, and the devices after it. Work goes on from the last checkpoints.");
            if (!await Replace(control, delay))
            {
                return;
            }
        }
    }

    /// <summary>
    /// Starts the control silo again, and lets the devices follow. They joined the one that is gone, whose list of members
    /// went with it: they cannot join another one, nor commit anything to it.
    /// </summary>
    /// <returns>False where there is nothing more to watch.</returns>
    private async Task<bool> Replace(Supervised control, TimeSpan delay)
    {
        _control = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var device in Devices())
        {
            device.Process.Kill();
        }

        await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!await Restart(control))
        {
            return false;
        }

        try
        {
            await control.Process.WaitUntilReady(StartTimeout, _time, _stopping.Token);
            _control.SetResult();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return false;
        }
        catch (CommandFailure failure)
        {
            _notify(failure.Message);
            control.Process.Kill(); // where it is still starting: one more death
        }

        return true;
    }

    /// <summary>A silo whose death the others survive: a device, or with a database any.</summary>
    private async Task WatchAlone(Supervised silo)
    {
        var policy = new RestartPolicy(_time);
        var name = silo.Process.Launch.Name;
        while (true)
        {
            await silo.Process.Exited;
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            // What went with the control silo does not count against the device.
            if (_control.Task.IsCompleted)
            {
                var code = silo.Process.ExitCode;
                WriteEnd(silo.Process);
                if (policy.NoteDeath(silo.Process.IsReady) is not { } delay)
                {
                    GiveUp(silo, Deaths(name, code));
                    return;
                }

                _notify($"The {name} silo ended with code {code}; it is started again{In(delay)} and its work goes on from the last checkpoint.");
                await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await _control.Task.WaitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!await Restart(silo))
            {
                return;
            }
        }
    }

    /// <summary>For its successor, which tells the scheduler; where the disk is full, nobody learns of it.</summary>
    private void WriteEnd(SiloProcess silo)
    {
        try
        {
            ResultJson.Write(_layout.EndOf(silo.Launch.Name), silo.DescribeEnd(_time.GetUtcNow()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _notify($"How the {silo.Launch.Name} silo ended could not be written: {e.Message}");
        }
    }

    /// <summary>One command's cluster is lost without its device; a lasting one goes on with the others, and tells.</summary>
    private void GiveUp(Supervised silo, string problem)
    {
        if (!_options.IsLasting)
        {
            Lose(problem, silo);
            return;
        }

        lock (_gate)
        {
            silo.Problem = problem;
            WriteFile();
        }

        _notify($"{problem} The end of {silo.Log.Path}:{silo.Process.DescribeTail()}");
    }

    private void Lose(string what, Supervised silo) => _lost.TrySetResult($"{what} The end of {silo.Log.Path}:{silo.Process.DescribeTail()}");

    private IReadOnlyList<Supervised> Devices()
    {
        lock (_gate)
        {
            return [.. _silos.Where(silo => !IsControl(silo))];
        }
    }
}
