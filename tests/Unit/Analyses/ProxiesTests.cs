using System.Text;
using Orchestrator.Conformance;
using Xunit;

namespace Orchestrator.Unit.Analyses;

public class ProxiesTests
{
    private const string Kind = "proxies";
    private const int ContextLength = 100;
    private const int Features = 8;
    private const int HexFeature = 3;
    private const int ArabicFeature = 5;
    private const int Others = 2_000;

    private static readonly string[] Words = [" the", " of", " zoo", " Quux", "ing", ",", "\n"];
    private static readonly string[] HexDigits = [.. "0123456789abcdef".Select(static digit => digit.ToString())];

    // Words, then digits of hexadecimal strings, then Arabic: whole letters behind a space, and the halves of others.
    private static readonly byte[][] Vocabulary =
        [.. Words.Concat(HexDigits).Append(" م").Append("را").Select(Encoding.UTF8.GetBytes), [0xD8], [0xA8], [0xAF]];

    private static readonly int FirstHex = Words.Length;
    private static readonly int FirstArabic = FirstHex + HexDigits.Length;

    [Fact]
    public void Run_OnPlantedProxies_FindsTheirFeatures()
    {
        var tokens = Text();
        var context = World(tokens, Activations(tokens, tokens));
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);

        Assert.Equal(HexFeature, Of<int>(context, "hex", "feature"));
        Assert.Equal(ArabicFeature, Of<int>(context, "arabic", "feature"));
        foreach (var proxy in (string[])["hex", "arabic"])
        {
            Assert.InRange(Of<double>(context, proxy, "correlation"), 0.75, 1);
            Assert.InRange(Of<double>(context, proxy, "sensitivity"), 0.85, 0.95);
            Assert.InRange(Of<double>(context, proxy, "correlation_neurons"), -0.1, 0.1);
            Assert.InRange(Of<double>(context, proxy, "correlation_random_twin"), -0.1, 0.1);
            Assert.InRange(Of<double>(context, proxy, "correlation_shuffled_labels"), -0.1, 0.1);
        }

        Assert.Equal(outcome.Metrics["arabic_correlation"], Of<double>(context, "arabic", "correlation"));
        Assert.Equal(outcome.NullMetrics["arabic_correlation_neurons"], Of<double>(context, "arabic", "correlation_neurons"));
        Assert.Equal((-1, 0), (Of<int>(context, "hebrew", "feature"), outcome.Metrics["hebrew_specificity"]));
        Assert.Contains("arabic", Encoding.UTF8.GetString(context.Files["proxies.svg"]), StringComparison.Ordinal);
        // Strong activations lie in the proxy, false positives are weak.
        var rows = Intervals(context, "arabic", "features");
        Assert.Equal(1, rows.First(static row => row.Firings > 0).Specificity);
        Assert.InRange(rows[^1].Specificity, 0, 0.5);
    }

    [Fact]
    public void Run_OnShuffledTokens_FindsNone()
    {
        var tokens = Text();
        var context = World(tokens, Activations(tokens, Planted.Shuffled(tokens, 4)));
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        Assert.InRange(outcome.Metrics["median_best_correlation"], -0.1, 0.1);
        Assert.Equal(0, outcome.Metrics["share_above_half"]);
    }

    [Fact]
    public void Run_MeasuresAgreementAsCountedByHand()
    {
        // Ten tokens, four of them digits; the feature fires on three of these and on one other.
        int[] tokens = [0, 7, 1, 8, 0, 9, 2, 7, 3, 4];
        var values = new float[] { 0, 1.5f, 0, 3.5f, 0.5f, 11, 0, 0, 0, 0 };
        var activations = new float[tokens.Length, 2];
        for (var i = 0; i < tokens.Length; i++)
        {
            activations[i, 0] = values[i];
        }

        var context = Small(tokens, activations);
        BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);

        double Number(string column) => Column<double>(context, "features", "digits", "features", column)[0];
        Assert.Equal([0], Column<int>(context, "features", "digits", "features", "feature"));
        Assert.Equal((4L, 3L), (Column<long>(context, "features", "digits", "features", "firings")[0], Column<long>(context, "features", "digits", "features", "firings_in_proxy")[0]));
        Assert.Equal(3 / 4.0, Number("sensitivity"));
        Assert.Equal(3 / 4.0, Number("specificity"));
        Assert.Equal(16 / 16.5, Number("specificity_of_activation"), 1e-12);
        Assert.Equal(5 / 6.0, Number("true_negative_rate"), 1e-12);
        Assert.Equal(3 / 4.0, Number("f1"), 1e-12);
        var inside = tokens.Select(static token => token is >= 7 and <= 9 ? 1.0 : 0).ToArray();
        Assert.Equal(Pearson([.. values.Select(static value => (double)value)], inside), Number("correlation"), 1e-12);
        Assert.InRange(Number("correlation"), Number("correlation_low") + 0.01, Number("correlation_high") - 0.01);

        // Maximum 11, so that an interval is 1 wide: 11 lies in interval 0, 3.5 in 7, 1.5 in 9, 0.5 in 10.
        var rows = Intervals(context, "digits", "features");
        Assert.Equal([0, 7, 9, 10], rows.Select(static (row, interval) => (row.Firings, interval)).Where(static row => row.Firings > 0).Select(static row => row.interval));
        Assert.Equal((1, 0), (rows[9].Specificity, rows[10].Specificity));
        Assert.Equal((0.25, 0.5, 0.75, 0.75), (rows[0].SensitivityUp, rows[7].SensitivityUp, rows[9].SensitivityUp, rows[10].SensitivityUp));
        Assert.Equal((1, 0.75), (rows[9].SpecificityUp, rows[10].SpecificityUp));
        Assert.Equal(Math.Log(10 / 4.0), rows[0].MeanScore, 1e-6);
        Assert.Equal(Math.Log(1e-10) + Math.Log(10 / 4.0), rows[10].MeanScore, 1e-5);
    }

    [Fact]
    public void Run_StreamedInBatches_EqualsTwoPasses()
    {
        var tokens = Text();
        var activations = Activations(tokens, tokens);
        var source = Planted.Source("features", activations);
        var context = World(tokens, activations);
        BuiltInAnalyses.Create(Kind).Run(context.With("top_features", Features), CancellationToken.None);

        // 'digits' is decided by the token alone, so that its labels are known here too.
        var inside = tokens.Select(static token => token >= FirstHex && token < FirstHex + 10 ? 1.0 : 0).ToArray();
        var features = Column<int>(context, "features", "digits", "features", "feature");
        var correlations = Column<double>(context, "features", "digits", "features", "correlation");
        Assert.Equal(Enumerable.Range(0, Features), features.Order());
        Assert.All(features.Zip(correlations), pair => Assert.Equal(
            Pearson([.. Enumerable.Range(0, tokens.Length).Select(token => (double)source[token, pair.First])], inside), pair.Second, 1e-9));
    }

    [Theory]
    [InlineData("dna", new[] { "GAT", "TACA", " the", "CAT", "\n", "A", "C", "x", "G" })]
    [InlineData("base64", new[] { "QgzA", "a", "/+", " of", "Zm9v", "\n", "YmFy", "=", "9" })]
    [InlineData("hex", new[] { "3f", "a9", " of", "face", "12", "\n", "b", "7", "2024" })]
    public void Run_ScoresATokenByTheBestStringThatEndsThere(string proxy, string[] text)
    {
        string[] different = [.. text.Distinct(), "~"];
        var vocabulary = new PlantedBytes([.. different.Select(Encoding.UTF8.GetBytes)]);
        // Another document, so that each of these tokens is rare.
        int[] tokens = [.. text.Select(token => Array.IndexOf(different, token)), .. Enumerable.Repeat(different.Length - 1, Others)];
        int[] documents = [.. Enumerable.Repeat(0, text.Length), .. Enumerable.Repeat(1, Others)];
        for (var last = 0; last < text.Length; last++)
        {
            // A feature that fires on this token alone: the mean score of its interval is the token's score.
            var activations = new float[tokens.Length, 1];
            activations[last, 0] = 1;
            var context = new PlantedContext(BuiltInAnalyses.Manifest(Kind), vocabulary, tokens, tokens.Length) { Documents = documents }
                .Add(Planted.Source("features", activations), Planted.Source("neurons", new float[tokens.Length, 1]), "a")
                .With("min_tokens", 1);
            BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
            Assert.Equal(BestString(proxy, text, last), Intervals(context, proxy, "features")[0].MeanScore, 1e-4);
        }
    }

    [Fact]
    public void Run_TakesHalvesOfCharactersByWhatTheyAreUsedFor()
    {
        // E0 begins Thai (E0 B8 81, twice) and Devanagari (E0 A4 95, once); the last half completes either.
        byte[][] vocabulary = [[0xE0], [0xB8, 0x81], [0xA4, 0x95], "."u8.ToArray()];
        int[] tokens = [0, 1, 3, 0, 1, 3, 0, 2, 3, 3, 3, 3];
        double Score(string proxy, int token)
        {
            var activations = new float[tokens.Length, 1];
            activations[token, 0] = 1;
            var context = new PlantedContext(BuiltInAnalyses.Manifest(Kind), new PlantedBytes(vocabulary), tokens, tokens.Length)
                .Add(Planted.Source("features", activations), Planted.Source("neurons", new float[tokens.Length, 1]), "a")
                .With("min_tokens", 1);
            BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
            return Intervals(context, proxy, "features")[0].MeanScore;
        }

        // Four of twelve tokens hold parts of Thai characters, two of Devanagari ones.
        var (thai, devanagari) = (Math.Log(4 / 12.0), Math.Log(2 / 12.0));
        Assert.Equal(-thai, Score("thai", 1), 1e-6);
        Assert.Equal(Math.Log(2 / 3.0) - thai, Score("thai", 0), 1e-6);
        Assert.Equal(Math.Log(2 / 3.0) - thai, Score("thai", 6), 1e-6);
        Assert.Equal(Math.Log(1 / 3.0) - devanagari, Score("devanagari", 0), 1e-6);
        Assert.Equal(Math.Log(1e-10) - devanagari, Score("devanagari", 1), 1e-5);
        Assert.Equal(Math.Log(1e-10) - thai, Score("thai", 2), 1e-5);
    }

    [Fact]
    public void Run_CountsTheSpaceThatBeginsAWordAsItsScript_ButNoOtherSharedCharacter()
    {
        byte[][] vocabulary = [.. ((string[])[" مر", "مر,", " ", "،", "the"]).Select(Encoding.UTF8.GetBytes)];
        int[] tokens = [0, 1, 2, 3, 4];
        var context = new PlantedContext(BuiltInAnalyses.Manifest(Kind), new PlantedBytes(vocabulary), tokens, tokens.Length)
            .Add(Planted.Source("features", new float[tokens.Length, 1]), Planted.Source("neurons", new float[tokens.Length, 1]), "a")
            .With("min_tokens", 1);
        BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        Assert.Equal(2L, Of<long>(context, "arabic", "tokens"));
        Assert.Equal(1L, Of<long>(context, "latin", "tokens"));
    }

    [Fact]
    public void Run_MatchesTheSpecsExpressions_WithinDocumentsAndContexts()
    {
        string[] text = ["ab", "cd", "ab", "cd", "x", "ab", "cd", "x"];
        var vocabulary = new PlantedBytes([.. ((string[])["ab", "cd", "x"]).Select(Encoding.UTF8.GetBytes)]);
        int[] tokens = [.. text.Select(static token => token == "ab" ? 0 : token == "cd" ? 1 : 2)];
        var context = new PlantedContext(BuiltInAnalyses.Manifest(Kind), vocabulary, tokens, contextLength: 4) { Documents = [0, 0, 0, 1, 1, 1, 1, 1] }
            .Add(Planted.Source("features", new float[tokens.Length, 1]), Planted.Source("neurons", new float[tokens.Length, 1]), "a")
            .With("min_tokens", 1)
            .With("patterns", new Dictionary<string, string> { ["inner"] = "bc", ["latin"] = "x", ["empty"] = "z*" });
        BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        // 'bc' spans two tokens in tokens 0 and 1 and in 5 and 6; between 2 and 3 a document ends, between 3 and 4 a context.
        Assert.Equal(4L, Of<long>(context, "inner", "tokens"));
        Assert.Equal(("pattern", 2L), (Of<string>(context, "latin", "kind"), Of<long>(context, "latin", "tokens")));
        Assert.Equal(0L, Of<long>(context, "empty", "tokens"));
    }

    [Theory]
    [InlineData("base64_runs", "aGVsbG8gd29ybGQxaGVsbG8gd29ybGQxaGVsbG8gd29ybGQx", true)]
    [InlineData("base64_runs", "GATTACAGATTACAGATTACAGATTACAGATTACA", false)]
    [InlineData("base64_runs", "internationalisation", false)]
    [InlineData("xml_tags", "<a href=\"b\">", true)]
    [InlineData("xml_tags", "</div>", true)]
    [InlineData("xml_tags", "a < b", false)]
    [InlineData("all_caps", "MAX_VALUE", true)]
    [InlineData("all_caps", "I", false)]
    [InlineData("all_caps", "Max", false)]
    [InlineData("code", "return x;", true)]
    [InlineData("code", "He returned; then he left.", false)]
    [InlineData("digits", "x1", true)]
    public void Run_KnowsPatternsByThemselves(string proxy, string text, bool isInside)
    {
        var vocabulary = new PlantedBytes(Encoding.UTF8.GetBytes(text), "\n"u8.ToArray());
        int[] tokens = [0, 1, 1, 1];
        var context = new PlantedContext(BuiltInAnalyses.Manifest(Kind), vocabulary, tokens, tokens.Length)
            .Add(Planted.Source("features", new float[tokens.Length, 1]), Planted.Source("neurons", new float[tokens.Length, 1]), "a");
        BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        Assert.Equal(isInside ? 1L : 0L, Of<long>(context, proxy, "tokens"));
    }

    [Fact]
    public void Run_WithAnExpressionThatTakesTooLong_FailsAndNamesIt()
    {
        // Whether there is a c is known at the end only, and asked anew at each a: 4 million times 4 million.
        var random = new Random(1);
        var vocabulary = new PlantedBytes([.. Enumerable.Range(0, 64).Select(_ => Enumerable.Range(0, 100).Select(_ => (byte)random.Next('a', 'c')).ToArray())]);
        int[] tokens = [.. Enumerable.Range(0, 40_000).Select(_ => random.Next(64))];
        var context = new PlantedContext(BuiltInAnalyses.Manifest(Kind), vocabulary, tokens, tokens.Length)
            .Add(Planted.Source("features", new float[tokens.Length, 1]), Planted.Source("neurons", new float[tokens.Length, 1]), "a")
            .With("patterns", new Dictionary<string, string> { ["slow"] = "a.*c|a" });
        var exception = Assert.Throws<InvalidOperationException>(() => BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None));
        Assert.Contains("expression slow takes more than 2 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OnNothingButTheEndOfText_MeasuresNoProxy()
    {
        var vocabulary = new PlantedBytes("a"u8.ToArray());
        var tokens = Enumerable.Repeat(vocabulary.EndOfText, 200).ToArray();
        var context = new PlantedContext(BuiltInAnalyses.Manifest(Kind), vocabulary, tokens, 50)
            .Add(Planted.Source("features", Planted.Sparse(200, 3, 0.1, 1)), Planted.Source("neurons", new float[200, 1]), "a")
            .With("min_tokens", 1);
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        Assert.Equal(0, outcome.Metrics["proxies_measured"]);
        Assert.All(context.Column<long>("proxies", "tokens"), static tokens => Assert.Equal(0, tokens));
        Assert.Contains("too little", outcome.Verdict, StringComparison.Ordinal);
    }

    // Stretches of words, of hexadecimal digits and of Arabic, the latter two of a tenth each.
    private static int[] Text()
    {
        var random = new Random(1);
        var tokens = new List<int>();
        while (tokens.Count < 60 * ContextLength)
        {
            tokens.AddRange(Enumerable.Range(0, 160).Select(_ => random.Next(Words.Length)));
            tokens.AddRange(Enumerable.Range(0, 20).Select(_ => FirstHex + random.Next(HexDigits.Length)));
            tokens.Add(0);
            for (var i = 0; i < 5; i++)
            {
                tokens.AddRange([FirstArabic, FirstArabic + 1, FirstArabic + 2, FirstArabic + 3 + random.Next(2)]);
            }
        }

        return [.. tokens.Take(60 * ContextLength)];
    }

    // Features of noise, but for two: they miss a tenth of their tokens, and fire weakly on one in fifty others.
    private static float[,] Activations(int[] tokens, int[] follows)
    {
        var random = new Random(2);
        var activations = Planted.Sparse(tokens.Length, Features, 0.05, 3);
        for (var i = 0; i < tokens.Length; i++)
        {
            float Fire(bool isInside) => isInside ? random.NextDouble() < 0.9 ? 1 + random.NextSingle() : 0 : random.NextDouble() < 0.02 ? 0.1f : 0;
            activations[i, HexFeature] = Fire(follows[i] >= FirstHex && follows[i] < FirstArabic);
            activations[i, ArabicFeature] = Fire(follows[i] >= FirstArabic);
        }

        return activations;
    }

    private static PlantedContext World(int[] tokens, float[,] activations) =>
        new PlantedContext(BuiltInAnalyses.Manifest(Kind), new PlantedBytes(Vocabulary), tokens, ContextLength)
            .Add(Planted.Source("features", activations), Planted.Source("neurons", Planted.Sparse(tokens.Length, 6, 0.4, 11)), "a")
            .Add(Planted.Source("twin", Planted.Sparse(tokens.Length, Features, 0.05, 13)), Planted.Source("neurons t", Planted.Sparse(tokens.Length, 6, 0.4, 14)), "t", isNull: true);

    private static PlantedContext Small(int[] tokens, float[,] activations) =>
        new PlantedContext(BuiltInAnalyses.Manifest(Kind), new PlantedBytes(Vocabulary), tokens, tokens.Length)
            .Add(Planted.Source("features", activations), Planted.Source("neurons", new float[tokens.Length, 1]), "a")
            .With("min_tokens", 1);

    private static T Of<T>(PlantedContext context, string proxy, string column) =>
        context.Column<T>("proxies", column)[Array.IndexOf(context.Column<string>("proxies", "proxy"), proxy)];

    private static T[] Column<T>(PlantedContext context, string table, string proxy, string source, string column)
    {
        var (proxies, sources) = (context.Column<string>(table, "proxy"), context.Column<string>(table, "source"));
        return [.. context.Column<T>(table, column).Where((_, row) => proxies[row] == proxy && sources[row] == source)];
    }

    private static List<Interval> Intervals(PlantedContext context, string proxy, string source)
    {
        double[] Numbers(string column) => Column<double>(context, "intervals", proxy, source, column);
        var firings = Column<long>(context, "intervals", proxy, source, "firings");
        var (specificity, specificityUp, sensitivityUp) = (Numbers("specificity"), Numbers("specificity_from_here_up"), Numbers("sensitivity_from_here_up"));
        var scores = Numbers("mean_log_likelihood_ratio_nats");
        return [.. firings.Select((count, i) => new Interval(count, specificity[i], specificityUp[i], sensitivityUp[i], scores[i]))];
    }

    // max over strings s that end at the token of log P(s | proxy) − log P(s), tried one by one.
    private static double BestString(string proxy, string[] text, int last)
    {
        var (alphabet, size) = proxy switch
        {
            "dna" => ("ACGT", 4),
            "hex" => ("0123456789abcdefABCDEF", 16),
            _ => ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 64),
        };
        var best = double.NegativeInfinity;
        for (var first = 0; first <= last; first++)
        {
            var tokens = text[first..(last + 1)];
            var characters = string.Concat(tokens).Where(alphabet.Contains).ToList();
            var counts = proxy switch
            {
                "dna" => tokens.Length >= 2,
                "hex" => characters.Any(char.IsAsciiDigit) && characters.Any(char.IsAsciiLetter),
                _ => true,
            };
            var score = string.Concat(tokens).Sum(character => alphabet.Contains(character) ? -Math.Log(size) : Math.Log(1e-10))
                - tokens.Sum(token => Math.Log((double)text.Count(other => other == token) / (text.Length + Others)));
            best = counts ? Math.Max(best, score) : best;
        }

        return double.IsNegativeInfinity(best) ? Math.Log(1e-10) : best;
    }

    private static double Pearson(double[] x, double[] y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        return x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum() / Math.Sqrt(x.Sum(a => (a - meanX) * (a - meanX)) * y.Sum(b => (b - meanY) * (b - meanY)));
    }

    private sealed record Interval(long Firings, double Specificity, double SpecificityUp, double SensitivityUp, double MeanScore);
}
