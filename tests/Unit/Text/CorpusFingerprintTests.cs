using Orchestrator.Abstractions.Stages;
using Orchestrator.Text.Corpus;
using Xunit;

namespace Orchestrator.Unit.Text;

public sealed class CorpusFingerprintTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Compute_DependsOnNamesAndContentsAndNotOnThePlace()
    {
        _folder.Write("here/a.txt", "1");
        _folder.Write("here/b.txt", "2");
        _folder.Write("there/a.txt", "1");
        _folder.Write("there/b.txt", "2");
        var first = Compute("here");
        Assert.Matches("^[0-9a-f]{64}$", first);
        Assert.Equal(first, Compute("there"));
        _folder.Write("there/b.txt", "3");
        Assert.NotEqual(first, Compute("there"));
        File.Move(Path.Combine(_folder.Path, "here/b.txt"), Path.Combine(_folder.Path, "here/c.txt"));
        Assert.NotEqual(first, Compute("here"));
    }

    [Fact]
    public void Compute_FindsABadLineBeforeAnythingRuns()
    {
        var path = _folder.Write("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\"}\nnothing\n");
        var definition = new CorpusDefinition { Kind = "jsonl", Paths = [path], ValidationFraction = 0.5 };
        Assert.Contains($"{path}, line 3", Assert.Throws<CorpusException>(() => CorpusFingerprint.Compute(definition)).Message);
    }

    [Theory]
    [InlineData("", "0 bytes")]
    [InlineData("-\n-\n", "no document")]
    [InlineData("one document\n", "split of the corpus is empty")]
    public void Compute_RefusesACorpusThatIsEmptyOrHasAnEmptySplit(string text, string part)
    {
        var definition = new CorpusDefinition { Kind = "text", Paths = [_folder.Write("a.txt", text)], Separator = "-" };
        Assert.Contains(part, Assert.Throws<CorpusException>(() => CorpusFingerprint.Compute(definition)).Message);
    }

    public void Dispose() => _folder.Dispose();

    private string Compute(string folder) => CorpusFingerprint.Compute(
        new CorpusDefinition { Kind = "text", Paths = [$"{_folder.Path}/{folder}/*.txt"], ValidationFraction = SplitsTwo() });

    /// <summary>A fraction that sends one of the first two documents to each side.</summary>
    private double SplitsTwo()
    {
        var pair = _folder.Write("probe/a.txt", "1\n-\n2\n");
        return Enumerable.Range(1, 99).Select(percent => percent / 100.0).First(fraction => CorpusReader
            .Open(new CorpusDefinition { Kind = "text", Paths = [pair], Separator = "-", ValidationFraction = fraction })
            .Read(default).Count(document => document.IsValidation) == 1);
    }
}
