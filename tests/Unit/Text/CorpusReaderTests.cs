using System.Text;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Text.Corpus;
using Xunit;

namespace Orchestrator.Unit.Text;

public sealed class CorpusReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Read_CutsTextAtSeparatorLinesAndKeepsItsBytes()
    {
        byte[] content = [.. "one\r\nstill one\n"u8, .. "\f\n"u8, 0xFF, 0xFE, .. " two \f not alone\n\f\r\n\f\n"u8, .. "three"u8];
        var corpus = Text(_folder.Write("a.txt", content), "\f");
        var documents = corpus.Read(default).ToList();
        Assert.Equal(["a.txt#0", "a.txt#1", "a.txt#3"], documents.Select(document => document.Source));
        Assert.Equal([0, 1, 2], documents.Select(document => document.Index));
        Assert.Equal("one\r\nstill one\n"u8.ToArray(), documents[0].Utf8.ToArray());
        Assert.Equal([0xFF, 0xFE, .. " two \f not alone\n"u8], documents[1].Utf8.ToArray());
        Assert.Equal("three"u8.ToArray(), documents[2].Utf8.ToArray());
    }

    [Fact]
    public void Read_TakesAFileForADocumentWithoutSeparator_InOrdinalOrderAndOnce()
    {
        _folder.Write("b/x.txt", "3");
        var second = _folder.Write("a/y.txt", "2");
        _folder.Write("a/Z.txt", "1");
        _folder.Write("a/z.md", "no");
        var corpus = CorpusReader.Open(new CorpusDefinition { Kind = "text", Paths = [$"{_folder.Path}/**/*.txt", second] });
        Assert.Equal(["a/Z.txt=1", "a/y.txt=2", "b/x.txt=3"], corpus.Read(default).Select(document => $"{document.Source}={Encoding.UTF8.GetString(document.Utf8.Span)}"));
    }

    [Fact]
    public void Read_UnpacksArchivesOfSeveralMembers()
    {
        var text = string.Join("\n--\n", Enumerable.Range(0, 20_000));
        byte[] archive = [.. TemporaryFolder.Gzip(Encoding.UTF8.GetBytes(text)), .. TemporaryFolder.Gzip("\n--\nlast"u8.ToArray())];
        var documents = Text(_folder.Write("a.txt.gz", archive), "--").Read(default).ToList();
        Assert.Equal(20_001, documents.Count);
        Assert.Equal("last"u8.ToArray(), documents[^1].Utf8.ToArray());
        Assert.Equal("777\n"u8.ToArray(), documents[777].Utf8.ToArray());
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.999)]
    [InlineData(1e-9)]
    public void Read_RefusesATornArchive(double kept)
    {
        var random = new Random(1);
        var archive = TemporaryFolder.Gzip(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 10_000).Select(_ => random.Next()))));
        var path = _folder.Write("torn.txt.gz", archive[..Math.Max(5, (int)(archive.Length * kept))]);
        var exception = Assert.Throws<CorpusException>(() => Text(path, null).Read(default).Count());
        Assert.Contains(path, exception.Message);
        Assert.Contains("torn", exception.Message);
    }

    [Fact]
    public void Read_RefusesAnArchiveThatLacksTheEndOfItsTrailer()
    {
        var archive = TemporaryFolder.Gzip("some text"u8.ToArray());
        for (var length = 1; length < archive.Length; length++)
        {
            var path = _folder.Write("torn.gz", archive[..length]);
            Assert.Contains(path, Assert.Throws<CorpusException>(() => Text(path, null).Read(default).Count()).Message);
        }
    }

    [Fact]
    public void Read_TakesTheFieldOfEachJsonLine()
    {
        var path = _folder.Write("a.jsonl", "\uFEFF{\"id\": {\"text\": 1}, \"text\": \"a\\n\\u00e9\"}\n\n  {\"text\":\"Größe\",\"x\":[1]}\r\n{\"text\":\"\"}\n{\"text\":\"last\"}");
        var documents = Json(path).Read(default).ToList();
        Assert.Equal(["a\né", "Größe", "last"], documents.Select(document => Encoding.UTF8.GetString(document.Utf8.Span)));
        Assert.Equal("a.jsonl:5", documents[2].Source);
    }

    [Theory]
    [InlineData("{\"body\": \"x\", \"id\": 1}", "body, id")]
    [InlineData("{\"text\": 7}", "a number")]
    [InlineData("{\"text\": \"x\"", "no JSON")]
    [InlineData("{\"text\": \"x\"} {}", "no JSON")]
    [InlineData("[\"text\"]", "an array")]
    [InlineData("{\"text\": \"\\ud800\"}", "no JSON object of valid text")]
    public void Read_NamesFileAndLineOfABadJsonLine(string line, string part)
    {
        var path = _folder.Write("a.jsonl", "{\"text\": \"fine\"}\n" + line + "\n");
        var exception = Assert.Throws<CorpusException>(() => Json(path).Read(default).Count());
        Assert.Contains($"{path}, line 2", exception.Message);
        Assert.Contains(part, exception.Message);
        Assert.Contains("'text'", exception.Message);
    }

    [Fact]
    public void Read_HoldsOutTheFractionTheSameWayEveryTime()
    {
        var path = _folder.Write("a.txt", string.Join("\n--\n", Enumerable.Range(0, 20_000)));
        var corpus = CorpusReader.Open(new CorpusDefinition { Kind = "text", Paths = [path], Separator = "--", ValidationFraction = 0.1 });
        var held = corpus.Read(default).Where(document => document.IsValidation).Select(document => document.Index).ToList();
        // Four standard deviations of a binomial are 170.
        Assert.InRange(held.Count, 1_830, 2_170);
        Assert.Equal(held, corpus.Read(default).Where(document => document.IsValidation).Select(document => document.Index));
    }

    [Fact]
    public void Read_StopsBeforeTheDocumentThatGoesPastTheLimit()
    {
        var path = _folder.Write("a.txt", "aaaa\n-\nbbbb\n-\ncccc\n");
        var definition = new CorpusDefinition { Kind = "text", Paths = [path], Separator = "-" };
        Assert.Equal(2, CorpusReader.Open(definition with { MaxBytes = 14 }).Read(default).Count());
        Assert.Equal(3, CorpusReader.Open(definition with { MaxBytes = 15 }).Read(default).Count());
        Assert.Contains("first document", Assert.Throws<CorpusException>(() => CorpusReader.Open(definition with { MaxBytes = 4 }).Read(default).Count()).Message);
    }

    [Fact]
    public void Resolve_NamesAllMissingPathsAtOnce()
    {
        var definition = new CorpusDefinition { Kind = "text", Paths = [$"{_folder.Path}/no.txt", $"{_folder.Path}/*.txt", _folder.Path, "relative.txt"] };
        var exception = Assert.Throws<CorpusException>(() => CorpusReader.Resolve(definition));
        Assert.Equal(4, exception.Problems.Count);
        Assert.Contains("no.txt does not exist", exception.Problems[0]);
        Assert.Contains("matches no file", exception.Problems[1]);
        Assert.Contains("is a folder", exception.Problems[2]);
        Assert.Contains("not absolute", exception.Problems[3]);
    }

    [Fact]
    public void Read_CutsLongDocumentsAfterLinesOrBetweenCharacters()
    {
        var path = _folder.Write("a.txt", "12345\n789\n-\nשלום\n-\nshort\n");
        var corpus = CorpusReader.Open(new CorpusDefinition { Kind = "text", Paths = [path], Separator = "-", MaxDocumentBytes = 7 });
        Assert.Equal(
            ["a.txt#0@0=12345\n", "a.txt#0@6=789\n", "a.txt#1@0=שלו", "a.txt#1@6=ם\n", "a.txt#2=short\n"],
            corpus.Read(default).Select(document => $"{document.Source}={Encoding.UTF8.GetString(document.Utf8.Span)}"));
    }

    [Fact]
    public void Read_CutsWhatIsNoUtf8Somewhere()
    {
        var path = _folder.Write("a.txt", Enumerable.Repeat((byte)0x80, 10).ToArray());
        var corpus = CorpusReader.Open(new CorpusDefinition { Kind = "text", Paths = [path], MaxDocumentBytes = 4 });
        Assert.Equal([4, 4, 2], corpus.Read(default).Select(document => document.Utf8.Length));
    }

    [Fact]
    public void Resolve_NamesAllContradictionsOfADefinition()
    {
        var definition = new CorpusDefinition { Kind = "csv", ValidationFraction = 1, Separator = "", MaxBytes = 0, MaxDocumentBytes = 3 };
        var exception = Assert.Throws<CorpusException>(() => CorpusReader.Resolve(definition));
        Assert.Equal(6, exception.Problems.Count);
        Assert.Contains("dotnet-docs, text, jsonl", exception.Problems[0]);
    }

    [Fact]
    public void Read_StopsWhenCancelled() => Assert.Throws<OperationCanceledException>(
        () => Text(_folder.Write("a.txt", "a"), null).Read(new CancellationToken(canceled: true)).Count());

    public void Dispose() => _folder.Dispose();

    private static ICorpus Text(string path, string? separator) =>
        CorpusReader.Open(new CorpusDefinition { Kind = "text", Paths = [path], Separator = separator });

    private static ICorpus Json(string path) => CorpusReader.Open(new CorpusDefinition { Kind = "jsonl", Paths = [path] });
}
