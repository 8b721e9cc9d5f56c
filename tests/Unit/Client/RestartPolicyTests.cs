using Orchestrator.Client.Cluster;
using Xunit;

namespace Orchestrator.Unit.Client;

public sealed class RestartPolicyTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Deaths_InARowBeforeItServes_AreRestartedLaterAndLaterAndThenNoMore()
    {
        var policy = new RestartPolicy(_time);
        var delays = Enumerable.Range(0, RestartPolicy.MaxRestarts + 1).Select(_ => policy.NoteDeath(wasReady: false)?.TotalSeconds).ToList();
        Assert.Equal([0, 1, 2, 4, 8, 16, null], delays);
    }

    [Fact]
    public void Deaths_AtWork_AreAlwaysRestarted_BeforeTheLeaseEnds()
    {
        var policy = new RestartPolicy(_time);
        var delays = Enumerable.Range(0, 50).Select(_ => policy.NoteDeath(wasReady: true)?.TotalSeconds).ToList();
        Assert.Equal([0, 1, 2, 4], delays.Take(4));
        Assert.All(delays.Skip(4), delay => Assert.Equal(RestartPolicy.LongestPause.TotalSeconds, delay));
    }

    [Fact]
    public void Deaths_LongAfterEachOther_AreAlwaysRestartedAtOnce()
    {
        var policy = new RestartPolicy(_time);
        for (var i = 0; i < 3 * RestartPolicy.MaxRestarts; i++)
        {
            Assert.Equal(TimeSpan.Zero, policy.NoteDeath(wasReady: false));
            _time.Now += RestartPolicy.Window + TimeSpan.FromSeconds(1);
        }
    }

    private sealed class ManualTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
