using Orchestrator.Numerics.Formats.Torch;
using Xunit;

namespace Orchestrator.Unit.Numerics.Formats.Torch;

/// <summary>
/// An archive that torch.save of PyTorch 1.13.1 wrote (Debian's python3-torch), of
/// <c>{'state': sd, 'losses': [0.5, 2], 'step': 300}</c>, where <c>sd</c> is an OrderedDict with
/// <c>w = torch.arange(6.).reshape(2, 3)</c>, <c>wt = w.t()</c>,
/// <c>k = torch.nn.Parameter(torch.tensor(1.5, dtype=torch.float16))</c> and the attribute
/// <c>_metadata = OrderedDict([('', {'version': 1})])</c>.
/// </summary>
public sealed class TorchReferenceTests : IDisposable
{
    private const string Reference =
        "UEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAPABMAZ29sZGVuL2RhdGEucGtsRkIPAFpaWlpaWlpaWlpaWlpaWoACfXEAKFgFAAAAc3RhdGVxAW" +
        "Njb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxAilScQMoWAEAAAB3cQRjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxBSgoWAcAAABz" +
        "dG9yYWdlcQZjdG9yY2gKRmxvYXRTdG9yYWdlCnEHWAEAAAAwcQhYAwAAAGNwdXEJSwZ0cQpRSwBLAksDhnELSwNLAYZxDIloAilScQ10cQ5ScQ" +
        "9YAgAAAHd0cRBoBSgoaAZoB2gIaAlLBnRxEVFLAEsDSwKGcRJLAUsDhnETiWgCKVJxFHRxFVJxFlgBAAAAa3EXY3RvcmNoLl91dGlscwpfcmVi" +
        "dWlsZF9wYXJhbWV0ZXIKcRhoBSgoaAZjdG9yY2gKSGFsZlN0b3JhZ2UKcRlYAQAAADFxGmgJSwF0cRtRSwApKYloAilScRx0cR1ScR6IaAIpUn" +
        "Efh3EgUnEhdX1xIlgJAAAAX21ldGFkYXRhcSNoAilScSRYAAAAAHElfXEmWAcAAAB2ZXJzaW9ucSdLAXNzc2JYBgAAAGxvc3Nlc3EoXXEpKEc/" +
        "4AAAAAAAAEsCZVgEAAAAc3RlcHEqTSwBdS5QSwcImowwpskBAADJAQAAUEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAANADwAZ29sZGVuL2RhdG" +
        "EvMEZCOABaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWgAAAAAAAIA/AAAAQAAAQEAAAIBA" +
        "AACgQFBLBwgXkOeRGAAAABgAAABQSwMEAAAICAAAAAAAAAAAAAAAAAAAAAAAAA0ALQBnb2xkZW4vZGF0YS8xRkIpAFpaWlpaWlpaWlpaWlpaWl" +
        "paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaAD5QSwcIVA+4gAIAAAACAAAAUEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAOAEIAZ29sZGVuL3Zl" +
        "cnNpb25GQj4AWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlozClBLBwjRnmdVAg" +
        "AAAAIAAABQSwECAAAAAAgIAAAAAAAAmowwpskBAADJAQAADwAAAAAAAAAAAAAAAAAAAAAAZ29sZGVuL2RhdGEucGtsUEsBAgAAAAAICAAAAAAA" +
        "ABeQ55EYAAAAGAAAAA0AAAAAAAAAAAAAAAAAGQIAAGdvbGRlbi9kYXRhLzBQSwECAAAAAAgIAAAAAAAAVA+4gAIAAAACAAAADQAAAAAAAAAAAA" +
        "AAAACoAgAAZ29sZGVuL2RhdGEvMVBLAQIAAAAACAgAAAAAAADRnmdVAgAAAAIAAAAOAAAAAAAAAAAAAAAAABIDAABnb2xkZW4vdmVyc2lvblBL" +
        "BgYsAAAAAAAAAB4DLQAAAAAAAAAAAAQAAAAAAAAABAAAAAAAAADvAAAAAAAAAJIDAAAAAAAAUEsGBwAAAACBBAAAAAAAAAEAAABQSwUGAAAAAA" +
        "QABADvAAAAkgMAAAAA";

    private readonly ArchiveFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Open_ReadsWhatPyTorchWrote()
    {
        using var archive = _file.Open(Convert.FromBase64String(Reference));

        Assert.Equal(["state/w", "state/wt", "state/k"], archive.Entries.Keys);
        Assert.Equal(["losses", "step"], archive.Values.Keys);
        archive.Require("state/w", 2, 3);
        archive.Require("state/wt", 3, 2);
        archive.Require("state/k");
        Assert.Equal([0f, 1, 2, 3, 4, 5], archive.ReadSingle("state/w"));
        Assert.Equal([0f, 3, 1, 4, 2, 5], archive.ReadSingle("state/wt"));
        Assert.Equal(1.5, archive.ReadNumber("state/k"));
        Assert.Equal(300, archive.ReadInteger("step"));
        Assert.Equal(
            [new TorchValue.Number(0.5), new TorchValue.Integer(2)],
            Assert.IsType<TorchValue.Sequence>(archive.Values["losses"]).Items);
    }

    /// <summary>So what the other tests write is what PyTorch would.</summary>
    [Fact]
    public void Writer_GivesTheBytesOfPyTorch()
    {
        var writer = new TorchArchiveWriter("golden");
        var storage = writer.Storage("FloatStorage", 0f, 1, 2, 3, 4, 5);
        writer.SaveAsVersion1(new Dict
        {
            ["state"] = new Dict
            {
                IsOrderedDict = true,
                Attributes = new Dict { ["_metadata"] = new Dict { IsOrderedDict = true, [""] = new Dict { ["version"] = 1 } } },
                ["w"] = new SavedTensor(storage, 0, [2, 3], [3, 1]),
                ["wt"] = new SavedTensor(storage, 0, [3, 2], [1, 3]),
                ["k"] = writer.Tensor("HalfStorage", [], (Half)1.5) with { IsParameter = true },
            },
            ["losses"] = new List<object?> { 0.5, 2 },
            ["step"] = 300,
        });

        Assert.Equal(Reference, Convert.ToBase64String(writer.ToBytes()));
    }
}
