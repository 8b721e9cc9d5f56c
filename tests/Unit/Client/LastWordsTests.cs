using Orchestrator.Client.Cluster;
using Xunit;

namespace Orchestrator.Unit.Client;

/// <summary>What is kept of the output of a process that may write anything.</summary>
public sealed class LastWordsTests
{
    [Fact]
    public void LastWords_BeginWithTheNativeError()
    {
        string[] lines = [.. Enumerable.Range(0, 30).Select(i => $"line {i}"), "terminate called after throwing an instance of 'c10::Error'", "  what():  shapes", .. Enumerable.Range(0, 60).Select(i => $"frame {i}")];
        var words = LastWords.Of(lines);
        Assert.Equal(20, words.Count);
        Assert.StartsWith("terminate called", words[0], StringComparison.Ordinal);
        Assert.Equal("frame 17", words[^1]);
    }

    [Fact]
    public void LastWords_WithoutAnError_AreTheLastLines_CutToALength()
    {
        var words = LastWords.Of([.. Enumerable.Range(0, 30).Select(i => $"line {i}"), " ", new string('x', 10_000)]);
        Assert.Equal(20, words.Count);
        Assert.Equal("line 11", words[0]);
        Assert.InRange(words[^1].Length, 1, 501);
    }

    [Fact]
    public async Task Lines_AreCut_AndNoneIsLost()
    {
        var heard = new List<string>();
        var endless = new string('x', 5_000_000);
        await BoundedLines.Read(new StringReader($"first\r\n\n{endless}\nlast"), heard.Add);
        Assert.Equal(["first", "", "last"], [heard[0], heard[1], heard[3]]);
        Assert.Equal(4, heard.Count);
        Assert.EndsWith("(5,000,000 characters)", heard[2], StringComparison.Ordinal);
        Assert.InRange(heard[2].Length, BoundedLines.MostCharacters, BoundedLines.MostCharacters + 50);
    }
}
