using Orchestrator.Contracts.Scheduling;
using static Orchestrator.Unit.Grains.Scheduling.TestPool;

namespace Orchestrator.Unit.Grains.Scheduling;

/// <summary>Things that happen to a pool, chosen by chance from a seed: jobs of all sorts, ends, losses, settings.</summary>
internal sealed class RandomScene
{
    private static readonly string[] Experiments = ["a", "b", "c", "d", "e"];

    private readonly TestPool _test;
    private readonly Random _random;
    private readonly HashSet<string> _silent = [];
    private int _jobs;

    public RandomScene(TestPool test, int seed)
    {
        _test = test;
        _random = new Random(seed);
        for (var i = 0; i < 12; i++)
            test.Register($"cuda:{i:00}", 24 << (i % 3), $"host-{i / 4}");

        test.Pool.SetPriority(Id("a"), 1);
        test.Pool.SetWeight(Id("b"), 3);
        test.Pool.SetMaxDevices(Id("c"), 4);
        test.Pool.SetPriority(Id("d"), -1);
    }

    public int Preemptions { get; private set; }

    public int Gangs { get; private set; }

    public int Losses { get; private set; }

    public bool IsHeard(string device) => !_silent.Contains(device);

    /// <summary>Time goes by, everything that can be done is done, then something happens that nobody has reacted to yet.</summary>
    public void Step()
    {
        foreach (var done in _test.Settle())
        {
            Preemptions += done.Contains("yield to") && !done.Contains("nobody") ? 1 : 0;
            Gangs += done.Contains(", cuda") ? 1 : 0;
        }

        Pass(TimeSpan.FromMinutes(_random.Next(1, 20)));
        switch (_random.Next(0, 12))
        {
            case < 5:
                Enqueue(_random.Next(1, 6));
                break;
            case < 9:
                EndSome();
                break;
            case 9:
                Fail();
                break;
            case 10:
                Change();
                break;
            default:
                Return();
                break;
        }
    }

    private void Pass(TimeSpan time)
    {
        // Devices that live say so, and jobs that were asked to make room do; the silent ones lose their leases.
        var beat = _test.Options.LeaseTtl / 3;
        for (var left = time; left > TimeSpan.Zero; left -= beat)
        {
            _test.Time.Advance(beat.TotalSeconds);
            foreach (var lease in _test.Pool.Status().Leases.Where(lease => IsHeard(lease.Device.Name)))
            {
                if (!_test.Pool.Renew(lease.Device.Name, lease.Device.Incarnation, lease.Epoch))
                    _test.Pool.Register(lease.Device);
            }

            Losses += _test.Pool.Expire().Count;
        }

        foreach (var job in _test.Pool.Yielding())
        {
            var status = _test.Pool.Status().Leases.First(lease => lease.Epoch == job.Epoch);
            _test.Pool.Yielded(status.Device.Name, status.Device.Incarnation, job.Epoch);
        }
    }

    private void Enqueue(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var kind = _random.Next(4) == 0 ? "analysis" : "dictionary";
            var demand = new JobDemand
            {
                MemoryBytes = (long)_random.Next(0, 90) << 30,
                Duration = _random.Next(5) == 0 ? null : TimeSpan.FromMinutes(_random.Next(5, 200)),
                Devices = _random.Next(4) == 0 ? _random.Next(2, 5) : 1,
                Priority = _random.Next(10) == 0 ? 2 : null,
            };
            _test.Enqueue(Experiments[_random.Next(Experiments.Length)], $"{kind}-{_jobs++}", demand);
        }
    }

    private void EndSome()
    {
        var running = _test.Pool.Status().Leases.Where(lease => lease.Job is not null && IsHeard(lease.Device.Name)).DistinctBy(lease => lease.Epoch).ToList();
        foreach (var lease in running.Where(_ => _random.Next(3) == 0))
            _test.Pool.Release(lease.Device.Name, lease.Device.Incarnation, lease.Epoch);
    }

    private void Fail()
    {
        if (_silent.Count < 3)
            _silent.Add($"cuda:{_random.Next(12):00}");
    }

    private void Return()
    {
        foreach (var name in _silent)
        {
            var known = _test.Pool.Status().Leases.First(lease => lease.Device.Name == name).Device;
            Losses += _test.Pool.Register(known with { Incarnation = new Guid(_random.Next(), 0, 0, new byte[8]) }) is null ? 0 : 1;
        }

        _silent.Clear();
    }

    private void Change()
    {
        var experiment = Id(Experiments[_random.Next(Experiments.Length)]);
        switch (_random.Next(4))
        {
            case 0:
                _test.Pool.SetWeight(experiment, 1 + _random.Next(5));
                break;
            case 1:
                _test.Pool.SetPriority(experiment, _random.Next(-1, 2));
                break;
            case 2:
                _test.Pool.SetPaused(experiment, _random.Next(2) == 0);
                break;
            default:
                _test.Pool.SetMaxDevices(experiment, _random.Next(2) == 0 ? null : _random.Next(2, 8));
                break;
        }
    }
}
