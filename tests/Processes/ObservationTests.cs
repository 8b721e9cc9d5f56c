using System.Net;
using Orchestrator.Client.Cluster;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>A cluster as those see it who watch over it, and what its operator does not allow.</summary>
public sealed class ObservationTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly LastingCluster _cluster = new();
    private readonly HttpClient _http = new();
    private readonly int[] _ports = LoopbackPorts.Take(1);
    private readonly Collector _collector;

    public ObservationTests() => _collector = new Collector(_ports[0]);

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(InCorpora(""));
        for (var i = 0; i < 20; i++)
        {
            await File.WriteAllTextAsync(InCorpora($"{i}.txt"), string.Concat(Enumerable.Range(0, 1_000).Select(j => $"{(i * 7 + j * j) % 97} plus {j % 13} is {(i + j) % 89}.\n")));
        }

        var file = _cluster.Store.Write("cluster.yaml", $"version: 1\naccess: {{ folders: [corpora] }}\ntelemetry: {{ collector: '{_collector.Address}' }}\n");
        await _cluster.Up("--cluster", file);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _http.Dispose();
        _collector.Dispose();
    }

    [Fact]
    public async Task ARun_IsSeenInMetricsAndTraces_AndSilosSayWhetherTheyAreWell()
    {
        foreach (var silo in _cluster.File.Silos)
        {
            Assert.Equal((silo.Name, HttpStatusCode.OK), (silo.Name, await Get(silo, "health/live")));
            await Eventually.Be(() => Get(silo, "health/ready").GetAwaiter().GetResult() == HttpStatusCode.OK, Patience, () => silo.Name);
        }

        var id = (await _cluster.Run("submit", Spec("seen", InCorpora("*.txt")))).GetProperty("id").GetString()!;
        await _cluster.Run("watch", id);

        var control = _cluster.File.Silos.Single(silo => silo.Name == "control");
        var metrics = await _http.GetStringAsync(Url(control, "metrics"), TestContext.Current.CancellationToken);
        Assert.Contains(metrics.Split('\n'), line => line.StartsWith("orchestrator_run_ended_total", StringComparison.Ordinal) && line.Contains("kind=\"dictionary\"", StringComparison.Ordinal) && line.Contains("end=\"completed\"", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, await Get(control, "dashboard/"));
        var device = _cluster.File.Silos.Single(silo => silo.Name == "gpu-cpu");
        Assert.Contains("orchestrator_device_tokens_total", await _http.GetStringAsync(Url(device, "metrics"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (var span in (string[])["run asked for", "queued", "attempt", "publish", id])
        {
            await Eventually.Be(() => _collector.Has("/v1/traces", span), Patience, () => $"no span says '{span}'");
        }
    }

    [Fact]
    public async Task ASpec_CannotReadOutsideTheFoldersThatTheOperatorAllows()
    {
        var secrets = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(_cluster.Store.Root)!, "secrets")).FullName;
        foreach (var file in Directory.EnumerateFiles(InCorpora("")))
        {
            File.Copy(file, Path.Combine(secrets, Path.GetFileName(file)));
        }

        Directory.CreateSymbolicLink(InCorpora("innocent"), secrets);
        foreach (var (name, path) in (ValueTuple<string, string>[])[("direct", Path.Combine(secrets, "*.txt")), ("linked", InCorpora("innocent/*.txt"))])
        {
            var id = (await _cluster.Run("submit", Spec(name, path))).GetProperty("id").GetString()!;
            var watched = await _cluster.End("watch", id);
            Assert.True(await watched.WaitForExit() == 1, watched.Transcript);
            Assert.Contains("is not in a folder that the cluster lets specs read", (await _cluster.Run("show", id)).ToString(), StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(_cluster.Store.Layout.Artefacts) && Directory.EnumerateDirectories(_cluster.Store.Layout.Artefacts, "tokens-*").Any());
    }

    private static Uri Url(SiloMark silo, string path) => new($"http://127.0.0.1:{silo.HttpPort}/{path}");

    private string InCorpora(string name) => Path.Combine(Path.GetDirectoryName(_cluster.Store.Root)!, "corpora", name);

    private string Spec(string name, string path) => _cluster.Store.Write(name + ".yaml", $"""
        version: 1
        experiment: {name}
        corpus: {"{"} kind: text, paths: ["{path}"], validation_fraction: 0.3 {"}"}
        tokenizer: {"{"} vocabulary_size: 300 {"}"}
        model: {"{"} training: {"{"} tokens: 20_000 {"}"} {"}"}
        dictionaries: {"{"} feature_count: 64, tokens: 10_000 {"}"}
        analyses: []
        """);

    private async Task<HttpStatusCode> Get(SiloMark silo, string path)
    {
        using var answer = await _http.GetAsync(Url(silo, path));
        return answer.StatusCode;
    }
}
