using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>Processes that are killed, stopped and robbed of their files in the middle of one sweep, which ends in the same bits.</summary>
public sealed class FaultTests(UndisturbedRuns runs, ITestOutputHelper output) : IAsyncLifetime
{
    private const string Retry = "retry: { lost_attempts: 100 }\n";

    private static readonly int[] Sizes = [128, 256];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly LastingCluster _cluster = new();
    private readonly Random _random = new(Faults.Seed);

    /// <summary>Long enough for every kill to find it at work.</summary>
    private static string ModelTokens => Faults.AreLong ? "4_000_000" : "600_000";

    private string Spec => _cluster.Store.SpecOf(ModelTokens, Sizes, ("version: 1\n", "version: 1\n" + Retry));

    public ValueTask InitializeAsync()
    {
        output.WriteLine($"seed {Faults.Seed}");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task GpuSilo_KilledAtRandomMoments_EndsInTheSameBits_WithEveryMetricStepOnce()
    {
        var kills = Faults.AreLong ? 20 : 4;
        var undisturbed = await runs.Of(Spec);
        await _cluster.Up();
        var id = await Submit();
        var dead = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            var last = dead;
            var checkpoints = _cluster.Store.Checkpoints("*").ToHashSet();
            await Eventually.Be(
                () => HasEnded(id) || (Gpu is var pid && pid != last && _cluster.Store.Checkpoints("*").Any(found => !checkpoints.Contains(found))), Patience, () => Tail);
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(1_000)), TestContext.Current.CancellationToken); // the moment
            Assert.False(HasEnded(id), $"It ended before kill {kill + 1} of {kills}.");
            dead = Gpu;
            Signals.Send("KILL", dead);
        }

        await UntilCompleted(id);
        Assert.Equal(SweepResult.Of(undisturbed.Store), SweepResult.Of(_cluster.Store));
        SweepResult.RequireEveryStepOnce(_cluster.Store);
        Assert.True(_cluster.Silo("gpu-cpu").Problem is null, "A device that dies of kills is started again each time.");
    }

    [Fact]
    public async Task GpuSilo_StoppedForLongerThanItsLease_CommitsNothingLate()
    {
        var pause = TimeSpan.FromSeconds(Faults.AreLong ? 90 : 20); // the lease's time is 15 s
        var undisturbed = await runs.Of(Spec);
        await _cluster.Up();
        var id = await Submit();
        await UntilTrains();
        var stopped = Gpu;
        Signals.Send("STOP", stopped);
        var before = Epoch();
        var began = TimeProvider.System.GetTimestamp();
        await Eventually.Be(
            () => TimeProvider.System.GetElapsedTime(began) > pause && Lost().Any(), Patience, () => Tail);
        Signals.Send("CONT", stopped);
        await UntilCompleted(id);

        Assert.True(Epoch() > before, "The lease has moved on.");
        var model = Directory.EnumerateDirectories(_cluster.Store.Layout.Artefacts, "model-*").Select(Path.GetFileName).Single()!;
        var lines = await Logged(model);
        var lostAt = lines.FindIndex(line => line.Contains($"the attempt of lease {before} ended", StringComparison.Ordinal));
        Assert.True(lostAt >= 0, Tail);
        var goesOnAt = lines.FindIndex(lostAt, line => line.Contains("begins under lease", StringComparison.Ordinal));
        Assert.True(goesOnAt > lostAt, Tail);
        Assert.DoesNotContain(lines[lostAt..goesOnAt], line => line.Contains("checkpoint at", StringComparison.Ordinal)); // nothing of the stale epoch counted
        Assert.Single(lines, line => line.TrimEnd().EndsWith(": Completed", StringComparison.Ordinal));
        Assert.Equal(SweepResult.Of(undisturbed.Store), SweepResult.Of(_cluster.Store));
        SweepResult.RequireEveryStepOnce(_cluster.Store);
    }

    [Fact]
    public async Task Everything_KilledAtOnce_KeepsWhatWasAcknowledged_AndIsSoonReady()
    {
        var submissions = Faults.AreLong ? 40 : 12;
        var file = await _cluster.Up();
        var acknowledged = new List<string>();
        var killed = new CancellationTokenSource();
        var submitting = Task.Run(async () =>
        {
            for (var i = 0; i < submissions && !killed.IsCancellationRequested; i++)
            {
                var spec = _cluster.Store.SpecOf("40_000", [64 + i, 128], ("experiment: smoke", $"experiment: smoke-{i}"));
                var (code, answer, errors) = await InProcess.RunToEnd(["submit", spec, "--store", _cluster.Store.Root, "--json"]);
                Assert.True(code != 2, errors); // not acknowledged is one thing, refused another
                if (code == 0)
                {
                    lock (acknowledged)
                        acknowledged.Add(JsonDocument.Parse(answer).RootElement.GetProperty("id").GetString()!);
                }
            }
        });
        await Eventually.Be(() => { lock (acknowledged) return submitting.IsFaulted || acknowledged.Count >= submissions / 2; }, Patience, () => Tail);
        _cluster.KillAll();
        await killed.CancelAsync();
        await submitting;

        var began = TimeProvider.System.GetTimestamp();
        await _cluster.Up();
        output.WriteLine($"after everything was killed: up again in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s, with a device");
        await RequireAll(acknowledged);

        var port = _cluster.File.GatewayPort;
        var old = _cluster.Silo("control").Process;
        began = TimeProvider.System.GetTimestamp();
        Signals.Send("KILL", old.Id);
        await Eventually.Be(() => !LastingCluster.IsAlive(old) && Answers(port), Patience, () => Tail);
        var ready = TimeProvider.System.GetElapsedTime(began);
        output.WriteLine($"after the control silo was killed: its gateway answers in {ready.TotalSeconds:0.0} s");
        Assert.True(ready < TimeSpan.FromSeconds(30), $"The control silo was ready only after {ready.TotalSeconds:0.0} s.");
        await RequireAll(acknowledged);
        await UntilCompleted(acknowledged[0]); // work goes on
        Assert.NotEqual(file.Silos.Single(silo => silo.Name == "control").Process, _cluster.Silo("control").Process);
    }

    [Fact]
    public async Task TornFiles_AreFound_AndComputedAgain()
    {
        var undisturbed = await runs.Of(Spec);
        await _cluster.Up();
        var id = await Submit();
        await UntilTrains();
        await _cluster.Run("down");
        var checkpoint = _cluster.Store.Checkpoints("model").MaxBy(Directory.GetLastWriteTimeUtc)!;
        Flip(Directory.EnumerateFiles(checkpoint, "*.safetensors").First());
        var tokens = Directory.EnumerateFiles(_cluster.Store.Layout.Artefacts, "train.tokens", SearchOption.AllDirectories).Single();
        Flip(tokens);
        await _cluster.Up();
        await UntilCompleted(id);

        Assert.Equal(SweepResult.Of(undisturbed.Store), SweepResult.Of(_cluster.Store));
        SweepResult.RequireEveryStepOnce(_cluster.Store);
        var key = Path.GetFileName(Path.GetDirectoryName(tokens)!);
        Assert.Single(Directory.EnumerateDirectories(_cluster.Store.Layout.Work, $"torn-{key}-*"));
        Assert.Contains(await Logged(id), line => line.Contains($"{key} is computed again", StringComparison.Ordinal));
        var model = Directory.EnumerateDirectories(_cluster.Store.Layout.Artefacts, "model-*").Select(Path.GetFileName).Single()!;
        Assert.Contains(await Logged(model), line => line.Contains("is torn", StringComparison.Ordinal) && line.Contains("going on from step", StringComparison.Ordinal));
    }

    private static void Flip(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        var old = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(old ^ 1));
    }

    private static bool Answers(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private int Gpu => _cluster.Silo("gpu-cpu").Process.Id;

    private string Tail => string.Join(Environment.NewLine, Directory.EnumerateFiles(_cluster.Store.Layout.Logs, "*.log").SelectMany(file => File.ReadLines(file).TakeLast(15).Prepend(file)));

    private async Task<string> Submit() => (await _cluster.Run("submit", Spec)).GetProperty("id").GetString()!;

    private bool HasEnded(string id) => File.Exists(_cluster.Store.Layout.Summary(new(id)));

    private async Task UntilTrains()
    {
        var seen = new HashSet<string>();
        await Eventually.Be(
            () =>
            {
                seen.UnionWith(_cluster.Store.Checkpoints("model"));
                return seen.Count > 3; // two are committed and kept
            },
            Patience,
            () => Tail);
    }

    private async Task UntilCompleted(string id)
    {
        await Eventually.Be(() => HasEnded(id), Patience, () => Tail);
        var show = await _cluster.Run("show", id);
        Assert.True(show.GetProperty("status").GetString() == "completed", show.ToString());
    }

    private async Task RequireAll(IReadOnlyList<string> acknowledged)
    {
        var listed = (await _cluster.Run("ls")).EnumerateArray().Select(line => line.GetProperty("id").GetString()!).ToHashSet();
        Assert.All(acknowledged, id => Assert.Contains(id, listed));
    }

    /// <summary>The newest epoch that the scheduler gave.</summary>
    private long Epoch() => ControlLog().Where(line => line.Contains("is leased under epoch", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split("is leased under epoch ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max();

    private IEnumerable<string> Lost() => ControlLog().Where(line => line.Contains("is lost: device cpu did not renew", StringComparison.Ordinal));

    private IReadOnlyList<string> ControlLog() => File.ReadAllLines(Path.Combine(_cluster.Store.Layout.Logs, "control.log"));

    private async Task<List<string>> Logged(string of)
    {
        var logs = await _cluster.End("logs", of);
        Assert.True(await logs.WaitForExit() == 0, logs.Transcript);
        return [.. logs.Output.Split('\n').Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!)];
    }
}
