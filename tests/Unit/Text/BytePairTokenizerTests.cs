using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Orchestrator.Text.Tokenization;
using Xunit;

namespace Orchestrator.Unit.Text;

public partial class BytePairTokenizerTests
{
    private const string Prose = """
        It's the reader's house; we've 12 rooms, they'll say, and 3½ of them are ours.
            if (x == 42) { return "naïve café"; }   // Größe Ⅻ
        Привет, мир! 你好,世界  ١٢٣  🙂🙃  𝒜𝓁𝓅𝒽𝒶 'tis 'S 're
        """;

    private static readonly BytePairTokenizer Tokenizer = Trained(400);

    [Fact]
    public void Encode_AgreesWithANaiveEncoder()
    {
        // Letters above U+FFFF are left out: .NET's expressions see two others there.
        var text = string.Concat(Enumerable.Repeat(Prose, 3)).Replace("𝒜𝓁𝓅𝒽𝒶", "") + "\r\n\t  tail  ";
        Assert.Equal(Naive(text), Tokenizer.Encode(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Encode_AgreesWithMicrosoftTokenizersOnTheSavedFile()
    {
        using var temporary = new TemporaryFolder();
        var path = Path.Combine(temporary.Path, "tokenizer.json");
        Tokenizer.Save(path);
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var model = json.RootElement.GetProperty("model");
        var library = BpeTokenizer.Create(new BpeOptions(model.GetProperty("vocab").Deserialize<Dictionary<string, int>>()!)
        {
            Merges = model.GetProperty("merges").Deserialize<string[]>(),
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(Words(), null),
        });
        var text = Prose.Replace("𝒜𝓁𝓅𝒽𝒶", "");

        var ids = library.EncodeToIds(text);

        Assert.Equal(ids, Tokenizer.Encode(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(text, library.Decode(ids));
    }

    [Fact]
    public void Encode_TakesLettersAboveTheBasicPlaneForLetters()
    {
        // Pairs are merged within a pre-token only: "a𝒜" becomes one token because both are letters.
        var tokenizer = BytePairTrainer.Train([Encoding.UTF8.GetBytes("a𝒜 a𝒜")], 300, cancellation: default).Tokenizer;
        Assert.Single(tokenizer.Encode(Encoding.UTF8.GetBytes("a𝒜")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Decode_RestoresAnyBytes(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            // Half of the rounds mix text between the noise, so that valid and invalid sequences meet.
            if (round % 2 == 0) bytes = [.. bytes[..(bytes.Length / 2)], .. Encoding.UTF8.GetBytes(Prose)[random.Next(40)..], .. bytes[(bytes.Length / 2)..]];
            Assert.Equal(bytes, Tokenizer.Decode(Tokenizer.Encode(bytes)));
        }
    }

    public static TheoryData<byte[]> Odd => new(
        [],
        [0],
        [0xED, 0xA0, 0x80, 0xED, 0xBF, 0xBF],
        [0xC0, 0x80, 0xFF, 0xFE, 0xF5],
        [.. "cut "u8, 0xE2, 0x82],
        [.. "<|endoftext|>"u8],
        Enumerable.Repeat((byte)'x', 100_000).ToArray(),
        Enumerable.Range(0, 100_000).Select(i => (byte)(0x80 + (i * 7 % 64))).ToArray());

    [Theory]
    [MemberData(nameof(Odd))]
    public void Decode_RestoresOddBytes(byte[] bytes) => Assert.Equal(bytes, Tokenizer.Decode(Tokenizer.Encode(bytes)));

    [Fact]
    public void Encode_NeverMakesTheEndOfTextFromText() =>
        Assert.DoesNotContain(Tokenizer.EndOfText, Tokenizer.Encode("a<|endoftext|>b"u8));

    [Fact]
    public void Load_RestoresWhatSaveWrote()
    {
        using var temporary = new TemporaryFolder();
        var (first, second) = (Path.Combine(temporary.Path, "a.json"), Path.Combine(temporary.Path, "b.json"));
        Tokenizer.Save(first);
        var loaded = BytePairTokenizer.Load(first);
        loaded.Save(second);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        Assert.Equal(Tokenizer.Size, loaded.Size);
        Assert.Equal(0, loaded.EndOfText);
        Assert.Equal(Tokenizer.Encode(Encoding.UTF8.GetBytes(Prose)), loaded.Encode(Encoding.UTF8.GetBytes(Prose)));
    }

    [Theory]
    [InlineData("{ \"model\":", "JSON")]
    [InlineData("[]", "Array")]
    [InlineData("{}", "pre_tokenizer is null")]
    [InlineData("""{"pre_tokenizer":{"type":"Whitespace"}}""", "Whitespace")]
    [InlineData("""{"normalizer":{"type":"Lowercase"}}""", "Lowercase")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true}}""", "add_prefix_space")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"model":{"type":"WordPiece"}}""", "WordPiece")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"model":{"type":"BPE"}}""", "added_tokens")]
    public void Load_NamesThePathAndWhatIsWrong(string json, string part)
    {
        using var temporary = new TemporaryFolder();
        var path = temporary.Write("bad.json", json);
        var exception = Assert.Throws<InvalidDataException>(() => BytePairTokenizer.Load(path));
        Assert.Contains(path, exception.Message);
        Assert.Contains(part, exception.Message);
    }

    [Theory]
    [InlineData("\"!\": 1,", "", "not 0 to")]
    [InlineData("\"!\": 1,", "\"!\": 2,", "given twice")]
    [InlineData("\"!\": 1,", "\" \": 1,", "stands for no byte")]
    [InlineData("\"merges\": [", "\"merges\": [ \"zz! qq\",", "not in model.vocab")]
    [InlineData("\"merges\": [", "\"merges\": [ \"a b c\",", "no pair")]
    [InlineData("\"content\": \"<|endoftext|>\"", "\"content\": \"<|end|>\"", "stands for no byte|endoftext")]
    public void Load_FindsAContradictionInTheVocabulary(string found, string replacement, string part)
    {
        using var temporary = new TemporaryFolder();
        var path = Path.Combine(temporary.Path, "tokenizer.json");
        Tokenizer.Save(path);
        var text = File.ReadAllText(path);
        Assert.Contains(found, text);
        File.WriteAllText(path, text.Replace(found, replacement));
        var exception = Assert.Throws<InvalidDataException>(() => BytePairTokenizer.Load(path));
        Assert.Contains(path, exception.Message);
        Assert.Contains(part.Split('|'), choice => exception.Message.Contains(choice));
    }

    [Fact]
    public void Load_ReadsAPublishedTokenizer()
    {
        var tokenizer = BytePairTokenizer.Load(SharedData.Require("data/tokenizers/gpt-neox-pythia/20B_tokenizer.json"));
        Assert.Equal(50_277, tokenizer.Size);
        Assert.False(tokenizer.HoldsEveryByte);
        Assert.Equal([12_092, 1_533, 2], tokenizer.Encode("Hello world!"u8));
        Assert.Equal("a\uFFFDb", Encoding.UTF8.GetString(tokenizer.Decode(tokenizer.Encode([(byte)'a', 0xFF, (byte)'b']))));
        var code = "def f(x):\n        return  x\n"u8.ToArray();
        var tokens = tokenizer.Encode(code);
        Assert.Contains(tokens, token => tokenizer.Display(token) == new string(' ', 8));
        Assert.Equal(code, tokenizer.Decode(tokens));
    }

    [Fact]
    public void Display_ShowsCharactersAsTextAndStrayBytesAsHexadecimal()
    {
        Assert.Equal(@"\xC3", Tokenizer.Display(Tokenizer.Encode([0xC3])[0]));
        Assert.Equal(@"\n", Tokenizer.Display(Tokenizer.Encode("\n"u8)[0]));
        Assert.Equal("<|endoftext|>", Tokenizer.Display(Tokenizer.EndOfText));
        Assert.Equal("né\uFFFD", Tokenizer.Text(Tokenizer.Encode([(byte)'n', 0xC3, 0xA9, 0xFF])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Display(Tokenizer.Size));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([-1]));
    }

    private static BytePairTokenizer Trained(int vocabulary) =>
        BytePairTrainer.Train([Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Prose, 4)))], vocabulary, cancellation: default).Tokenizer;

    /// <summary>Merges the pair whose result has the lowest id, over and over; ids rise with the rank of their merge.</summary>
    private static List<int> Naive(string text)
    {
        var ids = Enumerable.Range(1, Tokenizer.Size - 1).ToDictionary(id => Convert.ToHexString(Tokenizer.Bytes(id).Span));
        List<int> tokens = [];
        foreach (Match word in Words().Matches(text))
        {
            var parts = Encoding.UTF8.GetBytes(word.Value).Select(value => value.ToString("X2")).ToList();
            while (true)
            {
                var best = Enumerable.Range(0, parts.Count - 1).Where(i => ids.ContainsKey(parts[i] + parts[i + 1])).OrderBy(i => ids[parts[i] + parts[i + 1]]).ThenBy(i => i).FirstOrDefault(-1);
                if (best < 0) break;
                parts[best] += parts[best + 1];
                parts.RemoveAt(best + 1);
            }

            tokens.AddRange(parts.Select(part => ids[part]));
        }

        return tokens;
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Words();
}
