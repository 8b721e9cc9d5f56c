using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Xunit;

namespace Orchestrator.Unit.Abstractions;

public sealed class HookPointTests
{
    private static readonly TransformerDefinition Model = new() { Layers = 3, ModelDim = 8, MlpDim = 20 };

    [Theory]
    [InlineData("blocks.0.hook_resid_pre", 0, HookPointKind.ResidPre, 8)]
    [InlineData("blocks.0.hook_attn_out", 0, HookPointKind.AttnOut, 8)]
    [InlineData("blocks.1.hook_resid_mid", 1, HookPointKind.ResidMid, 8)]
    [InlineData("blocks.1.ln2.hook_normalized", 1, HookPointKind.Ln2Normalized, 8)]
    [InlineData("blocks.2.mlp.hook_pre", 2, HookPointKind.MlpPre, 20)]
    [InlineData("blocks.2.mlp.hook_post", 2, HookPointKind.MlpPost, 20)]
    [InlineData("blocks.2.hook_mlp_out", 2, HookPointKind.MlpOut, 8)]
    [InlineData("blocks.2.hook_resid_post", 2, HookPointKind.ResidPost, 8)]
    public void Parse_ReadsWhatIsPrinted(string name, int layer, HookPointKind kind, int width)
    {
        var hookPoint = HookPoint.Parse(name);

        Assert.Equal(new HookPoint(layer, kind), hookPoint);
        Assert.Equal(name, hookPoint.ToString());
        Assert.Equal(width, hookPoint.WidthIn(Model));
        Assert.Equal($"\"{name}\"", JsonSerializer.Serialize(hookPoint));
        Assert.Equal(hookPoint, JsonSerializer.Deserialize<HookPoint>($"\"{name}\""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("blocks")]
    [InlineData("blocks.")]
    [InlineData("blocks.0")]
    [InlineData("blocks..hook_resid_pre")]
    [InlineData("blocks.00.hook_resid_pre")]
    [InlineData("blocks.-1.hook_resid_pre")]
    [InlineData("blocks.+1.hook_resid_pre")]
    [InlineData("blocks.1e0.hook_resid_pre")]
    [InlineData("blocks.99999999999.hook_resid_pre")]
    [InlineData("blocks.0.hook_resid_pre ")]
    [InlineData("blocks.0.Hook_resid_pre")]
    [InlineData("blocks.0.attn.hook_z")]
    [InlineData("hook_embed")]
    public void Parse_RefusesWhatIsNoName(string text)
    {
        Assert.False(HookPoint.TryParse(text, out _));
        Assert.Contains("blocks.L.mlp.hook_post", Assert.Throws<FormatException>(() => HookPoint.Parse(text)).Message);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<HookPoint>(JsonSerializer.Serialize(text)));
    }

    [Fact]
    public void TryParse_RefusesNothingAtAll() => Assert.False(HookPoint.TryParse(null, out _));

    [Fact]
    public void CompareTo_IsTheOrderOfTheForwardPass()
    {
        HookPoint[] inOrder = [.. Enumerable.Range(0, 11).SelectMany(layer => HookPoint.NamesIn(layer)).Select(HookPoint.Parse)];

        Assert.Equal(inOrder, inOrder.Reverse().Order());
        Assert.True(inOrder[0] < inOrder[1] && inOrder[9] > inOrder[8] && inOrder[3] <= inOrder[3] && inOrder[3] >= inOrder[3]);
    }

    [Fact]
    public void WidthIn_SaysWhichLayersThereAre()
    {
        var exception = Assert.Throws<ArgumentException>(() => HookPoint.Parse("blocks.3.hook_mlp_out").WidthIn(Model));

        Assert.Contains("'blocks.3.hook_mlp_out' is not in the model, whose layers are 0 to 2", exception.Message);
        Assert.True(HookPoint.Parse("blocks.2.hook_mlp_out").ExistsIn(Model));
        Assert.False(HookPoint.Parse("blocks.3.hook_mlp_out").ExistsIn(Model));
    }
}
