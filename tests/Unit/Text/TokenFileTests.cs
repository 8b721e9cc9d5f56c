using System.Text;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Text.Corpus;
using Orchestrator.Text.Tokenization;
using Orchestrator.Text.Tokens;
using Xunit;

namespace Orchestrator.Unit.Text;

public sealed class TokenFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(300)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    public void Read_RestoresWhatWasWritten(int vocabulary)
    {
        var path = Write(vocabulary, [5, vocabulary - 1, 7], [], [1]);
        using var file = TokenFile.Open(path);
        var all = new int[file.Count];
        file.Read(0, all);
        Assert.Equal([5, vocabulary - 1, 7, 0, 0, 1, 0], all);
        Assert.Equal([0, 0, 0, 0, 1, 2, 2], Enumerable.Range(0, 7).Select(offset => file.DocumentAt(offset)));
        Assert.Equal([0L, 4L, 5L], Enumerable.Range(0, file.DocumentCount).Select(file.DocumentStart));
        Assert.Equal(vocabulary, file.Vocabulary);
        var middle = new int[3];
        file.Read(1, middle);
        Assert.Equal([vocabulary - 1, 7, 0], middle);
    }

    [Fact]
    public void Read_RefusesPlacesOutsideTheFile()
    {
        using var file = TokenFile.Open(Write(300, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(2, new int[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(-1, new int[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.DocumentAt(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.DocumentAt(-1));
    }

    [Fact]
    public void Write_RefusesTokensOutsideTheVocabulary()
    {
        using var writer = new TokenFileWriter(Path.Combine(_folder.Path, "a.tokens"), 300, 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Write([300]));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Write([-1]));
    }

    [Fact]
    public void Open_RefusesEveryTornFile()
    {
        var whole = File.ReadAllBytes(Write(300, [1, 2, 3], [4]));
        for (var length = 0; length < whole.Length; length++) AssertRefused(whole[..length]);
        AssertRefused([.. whole, 0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(24)]
    [InlineData(39)]
    public void Open_RefusesADamagedHeader(int at)
    {
        var bytes = File.ReadAllBytes(Write(300, [1, 2, 3], [4]));
        bytes[at] ^= 0x7F;
        AssertRefused(bytes);
    }

    [Fact]
    public void Open_RefusesDocumentsOutOfOrder()
    {
        var bytes = File.ReadAllBytes(Write(300, [1, 2, 3], [4]));
        bytes[^8] = 0;
        AssertRefused(bytes);
    }

    [Fact]
    public void Open_RefusesAFileThatWasNotCompleted()
    {
        var path = Path.Combine(_folder.Path, "a.tokens");
        using (var writer = new TokenFileWriter(path, 300, 0)) writer.Write([1, 2, 3]);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => TokenFile.Open(path)).Message);
    }

    [Fact]
    public void Build_EncodesBothSplitsInTheOrderOfTheCorpus()
    {
        // Documents of very different lengths, together more than one chunk a core.
        var texts = Enumerable.Range(0, 600).Select(i => string.Concat(Enumerable.Repeat($"word{i} ", 1 + (i % 7 * 500))) + "\n").ToArray();
        var corpus = new CorpusDefinition { Kind = "text", Paths = [_folder.Write("a.txt", string.Join("--\n", texts))], Separator = "--", ValidationFraction = 0.2 };
        var tokenizer = BytePairTrainer.Train(CorpusReader.Open(corpus), 400, cancellation: default).Tokenizer;

        var summary = TokensBuilder.Build(corpus, tokenizer, _folder.Path, progress: null, cancellation: default);

        var documents = CorpusReader.Open(corpus).Read(default).ToList();
        using var train = TokenFile.Open(Path.Combine(_folder.Path, TokensBuilder.TrainFile));
        using var validation = TokenFile.Open(Path.Combine(_folder.Path, TokensBuilder.ValidationFile));
        Assert.Equal(documents.Where(document => !document.IsValidation).Select(Text), Texts(train, tokenizer));
        Assert.Equal(documents.Where(document => document.IsValidation).Select(Text), Texts(validation, tokenizer));
        Assert.Equal(
            new TokensSummary(train.DocumentCount, train.Count, validation.DocumentCount, validation.Count, texts.Sum(text => (long)text.Length)),
            summary);
    }

    [Fact]
    public void Build_RefusesAnEmptySplit()
    {
        var corpus = new CorpusDefinition { Kind = "text", Paths = [_folder.Write("a.txt", "only one")] };
        var tokenizer = BytePairTrainer.Train(["only one"u8.ToArray()], 260, cancellation: default).Tokenizer;
        var exception = Assert.Throws<CorpusException>(() => TokensBuilder.Build(corpus, tokenizer, _folder.Path));
        Assert.Contains("split of the corpus is empty", exception.Message);
    }

    public void Dispose() => _folder.Dispose();

    private static string Text(Document document) => Encoding.UTF8.GetString(document.Utf8.Span);

    private static List<string> Texts(TokenFile file, BytePairTokenizer tokenizer)
    {
        List<string> texts = [];
        for (var document = 0; document < file.DocumentCount; document++)
        {
            var start = file.DocumentStart(document);
            var end = document + 1 < file.DocumentCount ? file.DocumentStart(document + 1) : file.Count;
            var tokens = new int[end - start];
            file.Read(start, tokens);
            Assert.Equal(tokenizer.EndOfText, tokens[^1]);
            texts.Add(tokenizer.Text(tokens.AsSpan()[..^1]));
        }

        return texts;
    }

    private string Write(int vocabulary, params int[][] documents)
    {
        var path = Path.Combine(_folder.Path, "a.tokens");
        using var writer = new TokenFileWriter(path, vocabulary, endOfText: 0);
        foreach (var document in documents) writer.Write(document);
        writer.Complete();
        return path;
    }

    private void AssertRefused(byte[] bytes)
    {
        var path = _folder.Write("bad.tokens", bytes);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => TokenFile.Open(path).Dispose()).Message);
    }
}
