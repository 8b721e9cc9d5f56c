using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Unit.Abstractions;

/// <summary>What was computed before an option existed keeps its address: the text that is hashed stays as it was.</summary>
public sealed class StageDefinitionTests
{
    [Fact]
    public void ToJson_OfAModelWithTheDefaultsIsWhatItAlwaysWas()
    {
        var stage = new ModelStage(new("tokenizer-1"), new("tokens-1"), new(), new(), 1);

        Assert.Equal(
            """{"stage":"model","tokenizer":"tokenizer-1","tokens":"tokens-1","architecture":{"layers":1,"model_dim":128,"mlp_dim":512"""
            + ""","heads":4,"context_length":128,"activation":"relu"},"training":{"tokens":1000000,"batch_contexts":8,"learning_rate":0.004"""
            + ""","warmup_steps":80,"weight_decay":0.01,"clip_norm":1,"validation_tokens":100000,"checkpoint_every":100},"seed":1"""
            + ""","depends_on":["tokenizer-1","tokens-1"],"prefix":"model","revision":1}""",
            stage.ToJson());
    }

    [Fact]
    public void ToJson_OfAHarvestWithTheDefaultsIsWhatItAlwaysWas() => Assert.Equal(
        """{"hook_point":"blocks.0.mlp.hook_post","buffer_vectors":65536,"batch_contexts":32,"seed":3}""",
        JsonSerializer.Serialize(new HarvestDefinition { Seed = 3 }, StageDefinition.Json));

    [Fact]
    public void ToJson_HoldsWhatIsNotTheDefault()
    {
        var model = new ModelStage(new("a"), new("b"), new() { Activation = "gelu", Normalisation = "rms-norm", NormEpsilon = 1e-6 }, new(), 1);
        var harvest = new HarvestDefinition { Seed = 3, TargetHookPoint = new HookPoint(1, HookPointKind.MlpOut) };

        Assert.Contains(""","activation":"gelu","normalisation":"rms-norm","norm_epsilon":1E-06}""", model.ToJson());
        Assert.Equal(model, StageDefinition.FromJson(model.ToJson()));
        Assert.NotEqual(StageAddress.Of(model), StageAddress.Of(model with { Architecture = new() }));
        Assert.Contains(""","target_hook_point":"blocks.1.hook_mlp_out",""", JsonSerializer.Serialize(harvest, StageDefinition.Json));
        Assert.Equal(harvest, JsonSerializer.Deserialize<HarvestDefinition>(JsonSerializer.Serialize(harvest, StageDefinition.Json), StageDefinition.Json));
    }
}
