using Xunit;

namespace Orchestrator.Unit.Numerics.Dictionaries;

public sealed class PlantedDictionaryTests
{
    /// <summary>Four times as many directions as dimensions, sparsely mixed, are found again by every architecture.</summary>
    [Theory]
    [InlineData("standard")]
    [InlineData("top-k")]
    [InlineData("batch-top-k")]
    [InlineData("jump-relu")]
    [InlineData("gated")]
    [InlineData("matryoshka")]
    [InlineData("transcoder")]
    public void Training_RecoversAPlantedDictionary(string architecture)
    {
        var (found, metrics) = PlantedDictionary.Recover(architecture);
        Assert.True(found > 0.95, $"mean max cosine {found:F3}, {metrics}");
    }
}
