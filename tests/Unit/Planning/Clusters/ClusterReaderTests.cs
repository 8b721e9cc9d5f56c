using Orchestrator.Planning.Clusters;
using Xunit;

namespace Orchestrator.Unit.Planning.Clusters;

public sealed class ClusterReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void File_WithEverything_IsRead()
    {
        var reading = Read("version: 1\nstore: data/store\ndevices: [cuda:0, cuda:1]\nports: { control: 5000, gateway: 5001, devices: 5002 }\n");
        Assert.True(reading.IsValid);
        Assert.Equal(Path.Combine(_folder.Path, "data", "store"), reading.Definition.Store);
        Assert.Equal(["cuda:0", "cuda:1"], reading.Definition.Devices);
        Assert.Equal(new ClusterPorts(5000, 5001, 5002), reading.Definition.Ports);
    }

    [Fact]
    public void File_WithNothing_LeavesAllToDefaults()
    {
        var reading = Read("version: 1\n");
        Assert.True(reading.IsValid);
        Assert.Equal((null, null, ClusterPorts.Any), (reading.Definition.Store, reading.Definition.Devices, reading.Definition.Ports));
    }

    [Theory]
    [InlineData("devices: cpu\n", ":1:1: missing key 'version'; allowed: 1")]
    [InlineData("version: 1\ndevices: [tpu]\n", ":2:11: devices: wrong value; found 'tpu'; allowed: cpu, cuda:0, cuda:1 …")]
    [InlineData("version: 1\ndevices: [cpu, cpu]\n", ":2:16: devices: a value stands twice; found 'cpu'; allowed: different values")]
    [InlineData("version: 1\nport: 5\n", ":2:1: unknown key 'port'; allowed: version, store, devices, control_silos, ports, network, database, http, tls, access, telemetry (did you mean 'ports'?)")]
    [InlineData("version: 1\nports: { gateway: 80 }\n", ":2:19: ports.gateway: wrong value; found '80'; allowed: a whole number from 1,024 to 65,535")]
    [InlineData("version: 1\nports:\n  gateway: 5000\n  control: 5000\n", ":3:12: ports.gateway: the same as ports.control; found '5000'; allowed: different ports")]
    [InlineData("version: 1\ndevices: [cpu, cuda:0]\nports: { gateway: 5001, devices: 5000 }\n", ":3:34: ports.devices: takes ports.gateway (5001) for a device; found '5000'; allowed: different ports")]
    [InlineData("version: 1\ndevices: [cpu, cuda:0]\nports: { devices: 65535 }\n", ":3:19: ports.devices: too high for all devices; found '65535'; allowed: at most 65534 with 2 devices")]
    [InlineData("- cpu\n", ":1:1: the cluster's file is not a mapping; found [cpu]; allowed: a mapping of version, store, devices, control_silos, ports, network, database, http, tls, access, telemetry")]
    [InlineData("", ":1:1: the cluster's file is empty; allowed: a mapping that begins with 'version: 1'")]
    public void Mistakes_NameTheirPlace(string text, string expected)
    {
        var reading = Read(text);
        Assert.False(reading.IsValid);
        Assert.Equal(Path.Combine(_folder.Path, "cluster.yaml") + expected, Assert.Single(reading.Problems).ToString());
    }

    [Fact]
    public void Mistakes_AreToldAllAtOnce() =>
        Assert.Equal([2, 3], Read("version: 1\ndevices: [tpu]\nports: 7\n").Problems.Select(problem => problem.Line));

    [Fact]
    public void MissingFile_IsToldByName() =>
        Assert.Contains("there is no such file", Assert.Single(ClusterReader.ReadFile("nowhere.yaml").Problems).ToString(), StringComparison.Ordinal);

    private ClusterReading Read(string text) => ClusterReader.ReadFile(_folder.Write("cluster.yaml", text));
}
