using System.Text;
using System.Text.Json;
using Orchestrator.Conformance;
using Xunit;

namespace Orchestrator.Unit.Analyses;

public class FiniteStateAutomataTests
{
    private const string Kind = "finite-state-automata";
    private const int Tokens = 8_000;
    private const int Words = 9;
    private const int Filler = 3;

    [Fact]
    public void Run_OnPlantedThreeStates_FindsTheCycle()
    {
        var context = Context(Text());
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);

        var edges = context.Column<int>("edges", "source").Zip(context.Column<int>("edges", "target")).Order();
        Assert.Equal([(0, 1), (1, 2), (2, 0)], edges);
        Assert.Equal(["‹b›", "‹c›", "‹a›"], context.Column<string>("edges", "tokens"));
        Assert.Equal(1, outcome.Metrics["cycles"]);
        Assert.Equal(0, outcome.Metrics["self_loops"]);
        Assert.Equal(3, outcome.Metrics["largest_component"]);
        Assert.True(outcome.Metrics["next_feature_log_lift"] > Math.Log(2));
        Assert.Equal(0, outcome.NullMetrics["edges_shuffled_tokens"]);
        Assert.Equal(0, outcome.NullMetrics["edges_neurons"]);
        Assert.Contains("f0 -> f1", Encoding.UTF8.GetString(context.Files["automata.dot"]), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(context.Files["automata.json"]);
        Assert.Equal(3, json.RootElement.GetProperty("components")[0].GetArrayLength());
        var automaton = Assert.Single(json.RootElement.GetProperty("automata").EnumerateArray());
        Assert.Equal([0, 1, 2], automaton.GetProperty("features").EnumerateArray().Select(static feature => feature.GetInt32()));
        var drawing = Encoding.UTF8.GetString(context.Files["automata.svg"]);
        Assert.All(["feature 0", "feature 1", "feature 2"], state => Assert.Contains(state, drawing, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_OnTimeShuffledTokens_FindsNone()
    {
        var outcome = BuiltInAnalyses.Create(Kind).Run(Context(Planted.Shuffled(Text(), 3)), CancellationToken.None);
        Assert.Equal(0, outcome.Metrics["edges"]);
        Assert.Equal(0, outcome.Metrics["cycles"]);
        Assert.Equal(0, outcome.Metrics["largest_component"]);
    }

    [Fact]
    public void Run_Twice_DrawsTheSamePicture()
    {
        var context = Context(Text());
        BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        var again = Context(Text());
        BuiltInAnalyses.Create(Kind).Run(again, CancellationToken.None);
        Assert.Equal(context.Files["automata.svg"], again.Files["automata.svg"]);
    }

    [Fact]
    public void Run_OnRepeatedToken_FindsTheSelfLoop()
    {
        // Runs of 'a' between fillers, and a feature that fires on 'a' and raises it.
        var tokens = Enumerable.Range(0, Tokens).Select(static i => i / 10 % 4 == 0 ? 0 : Filler + i * 7 % (Words - Filler)).ToArray();
        var logits = new[] { Planted.OneHot(0, Words + 1) };
        var context = new PlantedContext(BuiltInAnalyses.Manifest(Kind), Planted.Vocabulary(Words), tokens, contextLength: 100)
            .Add(Planted.Source("features", OnWords(tokens, 1), logits), Neurons(), "a");
        var outcome = BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None);
        Assert.Equal(1, outcome.Metrics["self_loops"]);
        Assert.Equal(1, outcome.Metrics["largest_component"]);
    }

    [Fact]
    public void Run_DoesNotStepOverTheEndOfADocument()
    {
        var tokens = Text();
        var context = Context(tokens, [.. Enumerable.Range(0, Tokens)]);
        Assert.Equal(0, BuiltInAnalyses.Create(Kind).Run(context, CancellationToken.None).Metrics["edges"]);
    }

    // a b c a b c … in stretches, between fillers; feature f fires on word f and raises the next one of the cycle.
    private static int[] Text()
    {
        var random = new Random(1);
        var tokens = new List<int>();
        while (tokens.Count < Tokens)
        {
            tokens.AddRange(Enumerable.Range(0, 6).Select(static i => i % 3));
            tokens.AddRange(Enumerable.Range(0, random.Next(10, 40)).Select(_ => random.Next(Filler, Words)));
        }

        return [.. tokens.Take(Tokens)];
    }

    private static PlantedContext Context(int[] tokens, int[]? documents = null)
    {
        var logits = Enumerable.Range(0, 3).Select(static feature => Planted.OneHot((feature + 1) % 3, Words + 1)).ToArray();
        return new PlantedContext(BuiltInAnalyses.Manifest(Kind), Planted.Vocabulary(Words), tokens, contextLength: 100) { Documents = documents }
            .Add(Planted.Source("features", OnWords(tokens, 3), logits), Neurons(), "a");
    }

    private static float[,] OnWords(int[] tokens, int features)
    {
        var activations = new float[Tokens, features];
        for (var i = 0; i < Tokens; i++)
        {
            if (tokens[i] < features)
            {
                activations[i, tokens[i]] = 1;
            }
        }

        return activations;
    }

    private static PlantedFeatureSource Neurons() => Planted.Source(
        "neurons", Planted.Sparse(Tokens, 5, 0.3, 3), [.. Enumerable.Range(0, 5).Select(static neuron => Planted.OneHot(neuron, Words + 1))]);
}
