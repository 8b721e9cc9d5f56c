using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Unit.Planning.Artefacts;

public sealed class StageAddressTests
{
    /// <summary>What was computed must be found again: options that come later may not move a dictionary's address.</summary>
    [Theory]
    [InlineData("standard", "dictionary-d911bbe0b586")]
    [InlineData("transcoder", "dictionary-8f92e2ee6a05")]
    public void Of_ADictionary_StaysWhatItWas(string architecture, string key)
    {
        var definition = new DictionaryDefinition { Architecture = architecture, FeatureCount = 512, Tokens = 600_000, Seed = 1 };
        var stage = new DictionaryStage(
            new StageKey("tokenizer-1"), new StageKey("tokens-1"), new StageKey("model-1"), new HarvestDefinition { Seed = 1 }, definition.WithDefaults(), new EvaluationDefinition());
        Assert.Equal(new StageKey(key), StageAddress.Of(stage));
    }
}
