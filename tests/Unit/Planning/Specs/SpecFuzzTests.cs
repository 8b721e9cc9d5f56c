using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Specs;

/// <summary>
/// Any bytes give a reading, soon and in bounded memory: a spec that plans, and that the JSON Schema allows, or problems
/// that name their place; never an exception.
/// </summary>
public sealed partial class SpecFuzzTests(ITestOutputHelper output)
{
    /// <summary>How many specs; in the gate 5,000.</summary>
    private const string CountVariable = "ORCHESTRATOR_FUZZ_SPECS";

    private const int InTheGate = 5_000;
    private const int Workers = 2;

    /// <summary>Generous: what is meant is no hang.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(10);

    /// <summary>That reading or planning one spec may allocate in all; the largest plan that is allowed needs most.</summary>
    private const long MostBytes = 1L << 30;

    private static readonly JsonSchema Schema = JsonSchema.FromText(EditorSchema.OfSpec(TestPlugins.Catalog));

    [Fact]
    public void Read_OfMutatedSpecs_EndsInAPlanOrInProblemsWithTheirPlaces()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable(CountVariable), CultureInfo.InvariantCulture, out var asked) ? asked : InTheGate;
        var sources = Sources();
        var tallies = new Tally[Workers];
        Parallel.For(0, Workers, worker =>
        {
            using var folder = new TemporaryFolder();
            folder.Write("Plugins/Source.cs", "what the template's glob looks for");
            tallies[worker] = Fuzz(new SpecMutator(sources, worker), count / Workers, folder.Write("experiments/spec.yaml", ""));
        });

        var (read, planned, stages) = (tallies.Sum(tally => tally.Read), tallies.Sum(tally => tally.Planned), tallies.Sum(tally => tally.Stages));
        output.WriteLine($"{read:N0} specs, {planned:N0} of them planned, {stages:N0} stages; slowest {tallies.Max(tally => tally.Slowest).TotalMilliseconds:N0} ms, most allocated {tallies.Max(tally => tally.MostBytes) / 1e6:N1} MB");
        Assert.InRange(planned, read / 100, read / 2); // the mutations reach both outcomes
    }

    private static Tally Fuzz(SpecMutator mutator, int count, string path)
    {
        var tally = new Tally();
        for (var i = 0; i < count; i++)
        {
            var bytes = mutator.Next();
            File.WriteAllBytes(path, bytes);
            var began = Stopwatch.GetTimestamp();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var reading = SpecReader.ReadFile(path, TestPlugins.Catalog);
            var plan = reading.IsValid ? Planner.Plan(reading.Spec, TestPlugins.Catalog, "") : null;
            tally.Add(Stopwatch.GetElapsedTime(began), GC.GetAllocatedBytesForCurrentThread() - before, plan?.Stages.Count ?? 0);
            Assert.True(tally.Slowest < MostTime && tally.MostBytes < MostBytes, $"{tally.Slowest}, {tally.MostBytes:N0} bytes:\n{Encoding.UTF8.GetString(bytes)}");
            if (reading.IsValid)
            {
                Assert.NotEmpty(plan!.Stages);
                RequireAllowed(reading.Spec.Text);
            }
            else
            {
                Assert.NotEmpty(reading.Problems);
                RequirePlaces(reading.Problems, bytes);
            }
        }

        return tally;
    }

    /// <summary>Line and column within the text, and the key's path, but where the whole is no mapping, or no text.</summary>
    private static void RequirePlaces(IReadOnlyList<SpecProblem> problems, byte[] bytes)
    {
        var lines = bytes.Count(value => value == '\n') + bytes.Count(value => value == '\r') + bytes.Count(value => value == 0x85) + 2;
        foreach (var problem in problems)
        {
            Assert.True(problem.Line >= 1 && problem.Line <= lines && problem.Column >= 1, problem.ToString());
            Assert.InRange(problem.ToString().Length, 1, 4_000);
            Assert.True(OfAKey().IsMatch(problem.Message) || OfTheWhole().IsMatch(problem.Message), problem.ToString());
        }
    }

    private static void RequireAllowed(string text)
    {
        var found = Schema.Evaluate(JsonSerializer.SerializeToElement(YamlAsJson.Read(text)), new EvaluationOptions { OutputFormat = OutputFormat.Flag });
        Assert.True(found.IsValid, $"The reader takes what the schema refuses:\n{text}");
    }

    /// <summary>The shipped specs, and the examples of the reference as whole specs.</summary>
    private static IReadOnlyList<string> Sources()
    {
        var shipped = Directory.GetFiles(Repository.Experiments, "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText)
            .Where(text => !text.Contains(ShippedSpecsTests.SharedData, StringComparison.Ordinal)) // what lies outside is not where mutants are read
            .ToList();
        var reference = File.ReadAllText(Path.Combine(Repository.Experiments, "README.md"));
        const string Head = "version: 1\nexperiment: example\ncorpus: { kind: dotnet-docs }\ntokenizer: { vocabulary_size: 512 }\nmodel: { seeds: [1, 2], random_twin: true }\n";
        var examples = Example().Matches(reference).Select(match => match.Groups[1].Value)
            .Select(example => Head + (example.Contains("dictionaries:", StringComparison.Ordinal) ? example : TestSpec.Text[TestSpec.Text.IndexOf("dictionaries:", StringComparison.Ordinal)..].Replace("analyses: [universality, feature-splitting, feature-report]\n", example)));
        List<string> sources = [.. shipped, .. examples];
        Assert.All(sources, source => Assert.Empty(SpecReader.ReadText(source, "source.yaml", Repository.Experiments, TestPlugins.Catalog).Problems));
        Assert.True(sources.Count >= 8, "The reference has its examples.");
        return sources;
    }

    [Theory]
    [InlineData("{")]
    [InlineData("? ")]
    [InlineData("- a\n")]
    [InlineData("&a ")]
    [InlineData("a: ")]
    [InlineData("[a, ")]
    [InlineData("\"")]
    [InlineData("a\n")]
    [InlineData("#\n")]
    [InlineData("a: b\n")]
    [InlineData("'")]
    [InlineData("!a ")]
    public void Read_OfAMebibyteOfOneThing_Ends(string thing)
    {
        var text = new StringBuilder(1 << 20).Insert(0, thing, (1 << 20) / thing.Length).ToString();

        Assert.NotEmpty(TestSpec.Read(text).Problems);
    }

    // What a path holds is as odd as the keys that were written.
    [GeneratedRegex(@"^.+?: |^(missing|unknown) key '|^key '|\(in .+\)")]
    private static partial Regex OfAKey();

    [GeneratedRegex("^the spec (is|holds|cannot)|^not valid YAML|^a control character|^a tab in|^a second document|^a tag|^not a key|^alias |^and [0-9,]+ more mistakes")]
    private static partial Regex OfTheWhole();

    [GeneratedRegex(@"```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    /// <summary>What was seen.</summary>
    private sealed class Tally
    {
        public int Read { get; private set; }

        public int Planned { get; private set; }

        public long Stages { get; private set; }

        public TimeSpan Slowest { get; private set; }

        public long MostBytes { get; private set; }

        public void Add(TimeSpan time, long bytes, int stages)
        {
            Read++;
            Planned += stages > 0 ? 1 : 0;
            Stages += stages;
            Slowest = time > Slowest ? time : Slowest;
            MostBytes = Math.Max(MostBytes, bytes);
        }
    }
}
