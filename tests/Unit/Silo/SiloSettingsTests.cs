using System.Net;
using Orchestrator.Silo.Hosting;
using Orchestrator.Unit.Planning;
using Xunit;

namespace Orchestrator.Unit.Silo;

public sealed class SiloSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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

    [Fact]
    public void Parse_WithAClustersFile_TakesFromItWhatIsNotGiven()
    {
        var file = Cluster();
        var control = SiloSettings.Parse(["--role", "control", "--cluster", file]);
        Assert.Equal((11_111, 30_000, "orchestrator", "control@node1"), (control.SiloPort, control.GatewayPort, control.ClusterId, control.SiloName));
        Assert.Equal((Path.Combine(_folder.Path, "store"), "db"), (control.Layout.Root, control.Database!.Host));
        Assert.Equal(new SiloNetwork("node1", IPAddress.Parse("10.0.0.7"), IPAddress.Any), control.Network);

        var gpu = SiloSettings.Parse(["--role", "gpu", "--device", "cuda:1", "--cluster", file, "--host", "node2", "--advertise", "10.0.0.8", "--listen", "10.0.0.8"]);
        Assert.Equal((11_201, 0, "gpu-cuda:1@node2", "cuda:1@node2"), (gpu.SiloPort, gpu.GatewayPort, gpu.SiloName, gpu.DeviceName));
        Assert.Equal(new SiloNetwork("node2", IPAddress.Parse("10.0.0.8"), IPAddress.Parse("10.0.0.8")), gpu.Network);
    }

    [Fact]
    public void Parse_WithAClustersFile_NamesItsMistakes_AndWhatDoesNotFit()
    {
        var file = Cluster();
        Assert.Contains("cuda:7 is none of the devices in", Mistakes("--role", "gpu", "--device", "cuda:7", "--cluster", file), StringComparison.Ordinal);
        Assert.Contains("--cluster-id cannot be given with a database", Mistakes("--role", "control", "--cluster-id", "c", "--cluster", file), StringComparison.Ordinal);
        Assert.Contains("--host is '-x'", Mistakes("--role", "control", "--cluster", file, "--host", "-x"), StringComparison.Ordinal);
        Assert.Contains("advertise is 'no such host'", Mistakes("--role", "control", "--cluster", file, "--advertise", "no such host"), StringComparison.Ordinal);
        var inClear = _folder.Write("clear.yaml", "version: 1\ndatabase: { host: db }\n");
        Assert.Contains("a silo beyond loopback takes TLS", Mistakes("--role", "control", "--store", "s", "--cluster", inClear, "--advertise", "10.0.0.8"), StringComparison.Ordinal);
        Assert.Contains("--host needs --cluster", Mistakes("--role", "control", "--host", "a"), StringComparison.Ordinal);
        Assert.Contains("bad.yaml:1:1: unknown key 'stoer'", Mistakes("--role", "control", "--cluster", _folder.Write("bad.yaml", "stoer: x\n")), StringComparison.Ordinal);
    }

    private static string Mistakes(params string[] arguments) => Assert.Throws<SiloSettingsException>(() => SiloSettings.Parse(arguments)).Message;

    private string Cluster() => _folder.Write(
        "cluster.yaml", "version: 1\nstore: store\ndevices: [cuda:0, cuda:1]\nnetwork: { host: node1, advertise: 10.0.0.7, listen: any, encrypted: true }\ndatabase: { host: db }\n");
}
