using System.Text;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Specs;

/// <summary>Any bytes give a reading: a spec that plans, or problems with a place; never an exception.</summary>
public sealed class SpecFuzzTests
{
    private const int Mutations = 1_500;

    private static readonly string[] Tokens =
    [
        ":", "- ", "? ", "&a ", "*a", "[", "]", "{", "}", "|", ">", "'", "\"", "\n", "  ", "\t", "#", "%YAML 1.2\n", "---\n", "...\n",
        "!!int ", "!", "<<: *a", "~", "null", ".nan", "-.inf", "1e999", "-1", "0", "99999999999999999999", "\0", "\u0085", "\u2028", "\ufeff",
        "\ud83d\ude00", "kind: text", "paths: /**", "paths: '**/../**'", "\\", "\"\\x0", "@", "`", ",", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    ];

    [Theory]
    [InlineData("quickstart.yaml")]
    [InlineData("smoke.yaml")]
    [InlineData("text-corpus.yaml")]
    public void Read_OfMutatedSpecs_NeverThrows(string name)
    {
        var original = File.ReadAllBytes(Path.Combine(Repository.Experiments, name));
        var random = new Random(name.Length);
        using var folder = new TemporaryFolder();
        folder.Write("Plugins/Source.cs", "what the template's glob looks for");
        var path = folder.Write(Path.Combine("experiments", name), "");
        var valid = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var mutated = Mutate(original, random);
            File.WriteAllBytes(path, mutated);
            var reading = SpecReader.ReadFile(path, TestPlugins.Catalog);
            if (reading.IsValid)
            {
                valid++;
                Assert.NotEmpty(Planner.Plan(reading.Spec, TestPlugins.Catalog, "").Stages);
            }
            else
            {
                Assert.NotEmpty(reading.Problems);
                Assert.All(reading.Problems, problem => Assert.True(problem is { Line: >= 1, Column: >= 1 }, problem.ToString()));
                Assert.All(reading.Problems, problem => Assert.InRange(problem.ToString().Length, 1, 4_000));
            }
        }

        Assert.InRange(valid, 1, Mutations - 1); // the mutations reach both outcomes
    }

    [Fact]
    public void Read_OfRandomYamlTokens_NeverThrows()
    {
        var random = new Random(7);
        for (var i = 0; i < Mutations; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => Tokens[random.Next(Tokens.Length)]));
            Assert.NotEmpty(TestSpec.Read(text).Problems);
        }
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

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var edits = random.Next(1, 6); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 3:
                    bytes.InsertRange(at, [.. bytes.Take(random.Next(1, 40))]);
                    break;
                case 4:
                    bytes[at] = (byte)"0123456789abc:_-.[]"[random.Next(19)];
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
