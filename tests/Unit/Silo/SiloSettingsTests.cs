using Orchestrator.Silo.Hosting;
using Xunit;

namespace Orchestrator.Unit.Silo;

public sealed class SiloSettingsTests
{
    [Fact]
    public void Parse_OfAControlSilo_TakesItselfForPrimary()
    {
        var settings = SiloSettings.Parse(
            ["--role", "control", "--store", "/s", "--silo-port", "1000", "--gateway-port", "2000", "--cluster-id", "c", "--parent-pid", "7"]);

        Assert.Equal((SiloRole.Control, "control"), (settings.Role, settings.SiloName));
        Assert.Equal((1_000, 2_000, 1_000), (settings.SiloPort, settings.GatewayPort, settings.PrimaryPort));
        Assert.Equal(("/s", "c", 7), (settings.Layout.Root, settings.ClusterId, settings.ParentPid));
    }

    [Fact]
    public void Parse_OfAGpuSilo_NamesItAfterItsDevice_AndOpensNoGateway()
    {
        var settings = SiloSettings.Parse(
            ["--role", "gpu", "--store", "s", "--silo-port", "1001", "--primary-port", "1000", "--cluster-id", "c", "--device", "cuda:0"]);

        Assert.Equal(("gpu-cuda:0", 0), (settings.SiloName, settings.GatewayPort));
        Assert.True(Path.IsPathRooted(settings.Layout.Root));
        Assert.Null(settings.ParentPid);
    }

    [Fact]
    public void Parse_NamesEveryMistakeAtOnce()
    {
        var exception = Assert.Throws<SiloSettingsException>(() => SiloSettings.Parse(
            ["--role", "disco", "--silo-port", "70000", "--colour", "red", "--store", "a", "--store", "b", "--gateway-port"]));

        Assert.Contains("--role is 'disco'; it can be control or gpu", exception.Message);
        Assert.Contains("--silo-port is '70000'", exception.Message);
        Assert.Contains("'--colour' is none of --role", exception.Message);
        Assert.Contains("--store is given twice", exception.Message);
        Assert.Contains("--gateway-port has no value", exception.Message);
        Assert.Contains("--cluster-id is missing", exception.Message);
    }
}
