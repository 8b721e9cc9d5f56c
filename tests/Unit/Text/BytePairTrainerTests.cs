using System.Text;
using System.Text.Json;
using Orchestrator.Text.Tokenization;
using Xunit;

namespace Orchestrator.Unit.Text;

public class BytePairTrainerTests
{
    [Fact]
    public void Train_ReproducesTheGoldenVocabularyAndMerges()
    {
        var folder = SharedData.Require("data/tokenizers/bpe-reference");
        using var temporary = new TemporaryFolder();
        var training = BytePairTrainer.Train([File.ReadAllBytes(Path.Combine(folder, "corpus.en"))], 500, cancellation: default);
        var path = Path.Combine(temporary.Path, "tokenizer.json");
        training.Tokenizer.Save(path);

        using var saved = JsonDocument.Parse(File.ReadAllBytes(path));
        var vocabulary = saved.RootElement.GetProperty("model").GetProperty("vocab").Deserialize<Dictionary<string, int>>();
        var merges = saved.RootElement.GetProperty("model").GetProperty("merges").Deserialize<string[]>()!;
        var golden = JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(Path.Combine(folder, "train-bpe-reference-vocab.json")));
        Assert.Equal(golden!.OrderBy(entry => entry.Value), vocabulary!.OrderBy(entry => entry.Value));
        Assert.Equal(File.ReadAllLines(Path.Combine(folder, "train-bpe-reference-merges.txt")).Where(line => line.Length > 0), merges);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Train_AgreesWithCountingEverythingAnewForEachMerge(int seed)
    {
        var random = new Random(seed);
        // Few letters, so that runs of one letter and equal counts are frequent.
        var words = Enumerable.Range(0, 60).Select(_ => new string(Enumerable.Range(0, random.Next(1, 9)).Select(_ => (char)('a' + random.Next(3))).ToArray())).ToArray();
        var text = string.Join('\n', Enumerable.Range(0, 400).Select(_ => words[random.Next(words.Length)]));

        var training = BytePairTrainer.Train([Encoding.UTF8.GetBytes(text)], 300, cancellation: default);

        var expected = ReferenceMerges(text.Split('\n'), 300 - 257);
        var actual = Enumerable.Range(257, training.Tokenizer.Size - 257).Select(id => Encoding.UTF8.GetString(training.Tokenizer.Bytes(id).Span));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Train_GivesTheSameTokenizerForDocumentsInAnyOrder()
    {
        var documents = Enumerable.Range(0, 50).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"document {i} says hello {i * i} times\n")).ToArray();
        var forward = BytePairTrainer.Train(documents, 320, cancellation: default).Tokenizer;
        var backward = BytePairTrainer.Train(documents.Reverse(), 320, cancellation: default).Tokenizer;
        Assert.Equal(Tokens(forward), Tokens(backward));
    }

    [Fact]
    public void Train_SaysThatTheTextRanOutOfPairs()
    {
        var training = BytePairTrainer.Train([Encoding.UTF8.GetBytes("abc abc")], 1_000, cancellation: default);
        Assert.True(training.RanOutOfPairs);
        // "abc" and " abc": two merges make the first, a third one the second.
        Assert.Equal(260, training.Tokenizer.Size);
        Assert.Equal(1_000, training.RequestedVocabulary);
    }

    [Fact]
    public void Train_RefusesAVocabularyThatCannotHoldTheBytes() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BytePairTrainer.Train([new byte[] { 1 }], 256, cancellation: default));

    [Fact]
    public void Train_StopsWhenCancelled() => Assert.ThrowsAny<OperationCanceledException>(
        () => BytePairTrainer.Train([Encoding.UTF8.GetBytes("abc abc")], 300, cancellation: new CancellationToken(canceled: true)));

    private static IEnumerable<string> Tokens(BytePairTokenizer tokenizer) => Enumerable.Range(0, tokenizer.Size).Select(tokenizer.Display);

    /// <summary>Line feeds are pre-tokens of their own, so lines are the words.</summary>
    private static List<string> ReferenceMerges(string[] lines, int merges)
    {
        var words = lines.Where(line => line.Length > 0).Select(line => line.Select(letter => letter.ToString()).ToList()).ToList();
        List<string> made = [];
        while (made.Count < merges)
        {
            var counts = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair).ToList();
            if (counts.Count == 0) return made;
            var (left, right) = counts.OrderByDescending(pair => pair.Count())
                .ThenByDescending(pair => pair.Key.First, StringComparer.Ordinal)
                .ThenByDescending(pair => pair.Key.Second, StringComparer.Ordinal).First().Key;
            if (!made.Contains(left + right)) made.Add(left + right);
            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] != left || word[i + 1] != right) continue;
                    word[i] = left + right;
                    word.RemoveAt(i + 1);
                }
            }
        }

        return made;
    }
}
