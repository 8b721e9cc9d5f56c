using System.Text.Json;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>Analyses that abort, take all memory, hang, throw and write without end: one experiment asks for all of them.</summary>
public sealed class HostileTests : IAsyncLifetime
{
    private const long LogBytes = 8L << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _program = Directory.CreateTempSubdirectory("orchestrator-hostile-").FullName;
    private LastingCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        var client = ProgramCopy.WithPlugin(Path.Combine(_program, "client"), ProgramCopy.Hostile);
        _cluster = new LastingCluster(client, new Dictionary<string, string>
        {
            ["ORCHESTRATOR_ANALYSIS_SILENCE_SECONDS"] = "4",
            ["ORCHESTRATOR_ANALYSIS_OUTPUT_MIB"] = "16",
            ["DOTNET_GCHeapHardLimit"] = "0x30000000", // 768 MiB: of the process, not of the machine that others use
            ["DOTNET_DbgEnableMiniDump"] = "0",
        });
        await _cluster.Up();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_program, recursive: true);
    }

    [Fact]
    public async Task Deeds_EachFailWithAReason_AndTheRestGoesOn()
    {
        (string Deed, string Expected)[] deeds =
        [
            ("none", ""),
            ("throw", "plugin: hostile: InvalidOperationException: no stars tonight"),
            ("device-memory", "out-of-memory: hostile:"),
            ("host-memory", "out-of-memory: hostile:"),
            ("files", "16.0 MiB are allowed (ORCHESTRATOR_ANALYSIS_OUTPUT_MIB"),
            ("verdict", "plugin: hostile: Its verdict has 10,000,000 characters"),
            ("wait", "plugin: hostile: it gave no sign of life for"),
            ("hang", "it did not end when it was asked to"),
            ("print", "it did not end when it was asked to"),
            ("print-line", "it did not end when it was asked to"),
            ("abort", "quarantined: it took its process down 3 times before any checkpoint; the last ended by SIGABRT: terminate called after throwing"),
            .. Faults.AreLong ? new[] { ("exit", "quarantined: it took its process down 3 times"), ("overflow", "quarantined: it took its process down 3 times"), ("progress", "") } : [],
        ];
        var analyses = string.Concat(deeds.Select(deed => $"  - kind: hostile\n    deed: {deed.Deed}\n"));
        var spec = _cluster.Store.SpecOf("40_000", [128], ("analyses:\n", "analyses:\n" + analyses), ("  - kind: feature-splitting\n    max_tokens: 4_000\n", ""));
        var id = (await _cluster.Run("submit", spec)).GetProperty("id").GetString()!;
        await Eventually.Be(() => File.Exists(_cluster.Store.Layout.Summary(new(id))), Patience, () => id);

        var show = await _cluster.Run("show", id);
        Assert.Equal("failed", show.GetProperty("status").GetString());
        var stages = show.GetProperty("stages").EnumerateArray().ToList();
        var reasons = stages.Select(stage => $"{stage.GetProperty("status").GetString()} {(stage.TryGetProperty("reason", out var reason) ? reason.GetString() : "")}").ToList();
        Assert.All(deeds.Where(deed => deed.Expected.Length > 0), deed =>
            Assert.True(reasons.Exists(reason => reason.StartsWith("failed", StringComparison.Ordinal) && reason.Contains(deed.Expected, StringComparison.Ordinal)), $"{deed.Deed}: {deed.Expected}\n{string.Join('\n', reasons)}"));
        Assert.Equal(deeds.Count(deed => deed.Expected.Length > 0), reasons.Count(reason => reason.StartsWith("failed", StringComparison.Ordinal)));
        Assert.All(stages.Where(stage => !stage.GetProperty("key").GetString()!.StartsWith("analysis-", StringComparison.Ordinal)), stage => Assert.Equal("completed", stage.GetProperty("status").GetString()));
        Assert.All(reasons, reason => Assert.InRange(reason.Length, 0, 2_000));

        // Evidence: in the state, for why, and in the run's log.
        var aborted = stages.Single(stage => stage.TryGetProperty("reason", out var reason) && reason.GetString()!.Contains("SIGABRT", StringComparison.Ordinal));
        var ends = aborted.GetProperty("evidence").GetProperty("ends").EnumerateArray().ToList();
        Assert.Equal(3, ends.Count);
        Assert.All(ends, end => Assert.Equal(134, end.GetProperty("exit_code").GetInt32()));
        Assert.StartsWith("terminate called", ends[0].GetProperty("last_lines")[0].GetString(), StringComparison.Ordinal);
        var key = aborted.GetProperty("key").GetString()!;
        var why = Assert.Single((await _cluster.Run("why", key)).EnumerateArray());
        Assert.Contains("SIGABRT", why.GetProperty("text").GetString(), StringComparison.Ordinal);
        var logs = await _cluster.End("logs", key);
        Assert.Contains("terminate called", logs.Output, StringComparison.Ordinal);

        // Nothing is filled: each log has its bound, and one file before it.
        Assert.All(
            Directory.EnumerateFiles(_cluster.Store.Layout.Logs, "gpu-cpu.log*").Select(path => new FileInfo(path)),
            file => Assert.InRange(file.Length, 0, LogBytes + (1 << 20)));
        Assert.True(_cluster.Silo("gpu-cpu").Problem is null);

        // Only a new demand tries again, with a whole budget.
        var retried = await _cluster.Run("retry", id, "--failed");
        Assert.Equal(JsonValueKind.Object, retried.ValueKind);
        await _cluster.Run("cancel", id);
    }
}
