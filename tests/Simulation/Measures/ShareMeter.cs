using Orchestrator.Simulation.Workloads;

namespace Orchestrator.Simulation.Measures;

/// <summary>
/// Device time of the experiments that always have work, in windows, against their weights. What others leave is theirs to
/// share: the measure is the part of each in what all of them got.
/// </summary>
public sealed class ShareMeter
{
    private readonly Dictionary<string, int> _index = [];
    private readonly double[] _weights;
    private readonly int[] _held;
    private readonly TimeSpan _window;
    private readonly DateTimeOffset _start;
    private readonly List<ShareWindow> _windows = [];
    private double[] _used;
    private double[] _weightTime;
    private DateTimeOffset _at;
    private bool _changed;

    public ShareMeter(IEnumerable<SimulatedExperiment> experiments, TimeSpan window, DateTimeOffset start)
    {
        var all = experiments.ToList();
        for (var i = 0; i < all.Count; i++)
            _index[all[i].Id.Value] = i;

        Names = [.. all.Select(experiment => experiment.Id.Value)];
        _weights = [.. all.Select(experiment => experiment.Weight)];
        _held = new int[all.Count];
        (_used, _weightTime) = (new double[all.Count], new double[all.Count]);
        (_window, _start, _at) = (window, start, start);
    }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<ShareWindow> Windows => _windows;

    /// <summary>An experiment holds more or fewer devices; others than the measured ones do not count.</summary>
    public void Hold(string experiment, int devices, DateTimeOffset now)
    {
        Advance(now);
        if (_index.TryGetValue(experiment, out var i))
            _held[i] += devices;
    }

    public void SetWeight(string experiment, double weight, DateTimeOffset now)
    {
        Advance(now);
        if (!_index.TryGetValue(experiment, out var i))
            return;

        _weights[i] = weight;
        _changed = true;
    }

    public void Advance(DateTimeOffset now)
    {
        while (_at < now)
        {
            var end = _start + (_window * (_windows.Count + 1));
            var next = now < end ? now : end;
            var seconds = (next - _at).TotalSeconds;
            for (var i = 0; i < _held.Length; i++)
            {
                _used[i] += _held[i] * seconds;
                _weightTime[i] += _weights[i] * seconds;
            }

            _at = next;
            if (next == end)
                Close();
        }
    }

    private void Close()
    {
        _windows.Add(new ShareWindow(_at - _start, Parts(_used), Parts(_weightTime), _used.Sum() / _window.TotalSeconds, _changed));
        (_used, _weightTime) = (new double[_held.Length], new double[_held.Length]);
        _changed = false;
    }

    private static double[] Parts(double[] values)
    {
        var sum = values.Sum();
        return [.. values.Select(value => sum == 0 ? 0 : value / sum)];
    }
}

/// <summary>A window.</summary>
/// <param name="End">From the start.</param>
/// <param name="Shares">What each experiment got of what all of them got.</param>
/// <param name="Weights">What it should have got.</param>
/// <param name="Devices">Devices that all of them held on average.</param>
/// <param name="Changed">A weight changed within it.</param>
public sealed record ShareWindow(TimeSpan End, double[] Shares, double[] Weights, double Devices, bool Changed);
