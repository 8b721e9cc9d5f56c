using Orchestrator.Abstractions.Analyses;
using Orchestrator.Silo.Plugins;
using Xunit;

namespace Orchestrator.Unit.Silo.Plugins;

/// <summary>What an analysis may take.</summary>
public sealed class AnalysisLimitTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("limits").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_BeyondTheBytesAllowed_AreRefused_AndNotWritten()
    {
        var output = new AnalysisOutput(_folder, new AnalysisLimits { OutputBytes = 1_000 });
        output.WriteFile("a.bin", new byte[600]);
        var refusal = Assert.Throws<AnalysisLimitException>(() => output.WriteFile("b.bin", new byte[600]));
        Assert.Contains("b.bin", refusal.Message, StringComparison.Ordinal);
        output.WriteFile("a.bin", new byte[900]); // in place of the first
        Assert.Throws<AnalysisLimitException>(() => output.WriteTable("t", new AnalysisTable([new AnalysisColumn("n", new long[10_000])])));
        Assert.Equal(["a.bin"], Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public void Files_BeyondTheNumberAllowed_AreRefused()
    {
        var output = new AnalysisOutput(_folder, new AnalysisLimits { OutputFiles = 2 });
        output.WriteFile("a", [1]);
        output.WriteFile("b", [1]);
        output.WriteFile("a", [2]);
        Assert.Throws<AnalysisLimitException>(() => output.WriteFile("c", [1]));
    }

    [Fact]
    public async Task Watch_OfSilence_AsksFirst_AndThenAbandons()
    {
        var abandoned = new TaskCompletionSource<string>();
        using var watch = new AnalysisWatch(new AnalysisLimits { Silence = TimeSpan.FromMilliseconds(50) }, abandoned.SetResult, TimeProvider.System, CancellationToken.None);
        var asked = new TaskCompletionSource();
        await using var registration = watch.Token.Register(asked.SetResult);
        await asked.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Contains("no sign of life", watch.Problem, StringComparison.Ordinal);
        Assert.EndsWith("did not end when it was asked to", await abandoned.Task.WaitAsync(Patience, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_ThatHearsSomething_Waits()
    {
        using var watch = new AnalysisWatch(new AnalysisLimits { Silence = TimeSpan.FromSeconds(20) }, _ => { }, TimeProvider.System, CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            watch.Hear();
            await Task.Yield();
        }

        Assert.Null(watch.Problem);
        Assert.False(watch.Token.IsCancellationRequested);
    }
}
