using System.Security.Cryptography;
using System.Text;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Specs;
using Orchestrator.Unit.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Plans;

/// <summary>
/// Addresses of specs as people have them: a change of one of these means that what stores hold is computed again, and
/// needs a reason in the CHANGELOG.
/// </summary>
public sealed class StageKeyTests
{
    private const string LastLine = "  random_twin: [2_048]";

    [Theory]
    [InlineData("quickstart.yaml", "quickstart-bf8214da 85578cd4a84e")]
    [InlineData("smoke.yaml", "smoke-9488a766 9bc820fd2303")]
    public void Keys_OfShippedSpecs_StayWhatTheyAre(string name, string expected)
    {
        var reading = SpecReader.ReadFile(Path.Combine(Repository.Experiments, name), TestPlugins.Catalog);
        Assert.Equal(expected, Digest(reading.Spec!));
    }

    [Theory]
    [InlineData("  l1_coefficient: [0.004, 0.002]\n  random_twin: [512, 2_048]", "test-1e5aa98f 47922f92be68")]
    [InlineData("  architecture: gated\n  seed: 3", "test-c289b44c cea667fe8606")]
    [InlineData("  architecture: top-k\n  k: [64, 16]", "test-60b7f1d1 58b2c80248bf")]
    [InlineData("  architecture: batch-top-k\n  aux_k: { coefficient: 0 }", "test-18382601 7c899668db6a")]
    [InlineData("  architecture: jump-relu\n  l0_coefficient: [1e-3, 2e-3]\n  bandwidth: 0.01", "test-8996e66c 26473ba44881")]
    [InlineData("  architecture: matryoshka\n  precision: tf32\n  pre_bias: false", "test-7dc01949 def2370b8fee")]
    [InlineData("  learning_rate: 2e-3\n  warmup_steps: 5\n  decay_fraction: 0.2\n  l1_warmup_steps: 7\n  batch_size: 1_024", "test-8e0b4bf0 35755114c764")]
    public void Keys_OfEveryArchitecture_StayWhatTheyAre(string lines, string expected) =>
        Assert.Equal(expected, Digest(TestSpec.Spec(TestSpec.Text.Replace(LastLine, lines))));

    /// <summary>Of all keys, and of the streams that stages share.</summary>
    private static string Digest(ExperimentSpec spec)
    {
        var plan = Planner.Plan(spec, TestPlugins.Catalog, "fingerprint");
        var lines = plan.Stages.Select(stage => $"{stage.Key} {stage.Stream}").Order(StringComparer.Ordinal);
        return $"{plan.Id} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..12]}";
    }
}
