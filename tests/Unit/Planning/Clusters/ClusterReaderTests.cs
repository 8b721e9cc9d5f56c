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
    [InlineData("version: 1\ncontrol_silos: 2\n", ":2:16: control_silos: more than one needs a database; found '2'; allowed: 1, or a database section")]
    [InlineData("version: 1\nnetwork: { advertise: localhost }\n", ":2:10: network: several machines need a database; allowed: a database section beside it")]
    [InlineData("version: 1\ndatabase: { port: 5432 }\n", ":2:11: missing key 'database.host'; allowed: one line of text of 1 to 4,096 characters")]
    [InlineData("version: 1\ndatabase: { host: db, port: 0 }\n", ":2:29: database.port: wrong value; found '0'; allowed: a whole number from 1 to 65,535")]
    [InlineData("version: 1\ndatabase: { host: db, password: secret }\n", ":2:23: unknown key 'password' in database; allowed: host, port, name, user, password_variable, password_file, tls, certificate_authority")]
    [InlineData("version: 1\ndatabase: { host: db, password_variable: A, password_file: b }\n", ":2:60: database.password_file: the password is in database.password_variable already; allowed: one of them")]
    [InlineData("version: 1\ndatabase: { host: db, tls: maybe }\n", ":2:28: database.tls: wrong value; found 'maybe'; allowed: verify, encrypt, off")]
    [InlineData("version: 1\ndatabase: { host: localhost, certificate_authority: ca.pem }\n", ":2:53: database.certificate_authority: nothing is verified; found 'ca.pem'; allowed: only where database.tls is verify")]
    [InlineData("version: 1\nnetwork: { host: a_b }\ndatabase: { host: db }\n", ":2:18: network.host: wrong value; found 'a_b'; allowed: 1 to 63 of letters, digits, '.' and '-', not beginning with '-' or '.'")]
    [InlineData("version: 1\ncontrol_silos: 3\nports: { control: 5000, gateway: 5002 }\ndatabase: { host: db }\n", ":3:34: ports.gateway: takes a port of ports.control; found '5002'; allowed: different ports")]
    [InlineData("version: 1\ncontrol_silos: 3\nports: { control: 65534 }\ndatabase: { host: db }\n", ":3:19: ports.control: too high for all control silos; found '65534'; allowed: at most 65533 with 3 control silos")]
    [InlineData("- cpu\n", ":1:1: the cluster's file is not a mapping; found [cpu]; allowed: a mapping of version, store, devices, control_silos, ports, network, database, http, tls, access, telemetry")]
    [InlineData("", ":1:1: the cluster's file is empty; allowed: a mapping that begins with 'version: 1'")]
    public void Mistakes_NameTheirPlace(string text, string expected)
    {
        var reading = Read(text);
        Assert.False(reading.IsValid);
        Assert.Equal(Path.Combine(_folder.Path, "cluster.yaml") + expected, Assert.Single(reading.Problems).ToString());
    }

    [Fact]
    public void Database_IsRead_WithDefaults_AndFixedPorts()
    {
        var local = Read("version: 1\ndatabase: { host: localhost }\n").Definition!;
        Assert.Equal(new DatabaseDefinition("localhost", 5432, "orchestrator", "orchestrator", null, null, DatabaseTls.Off, null), local.Database);
        Assert.Equal((1, ClusterNetwork.Loopback, new ClusterPorts(11111, 30000, 11200)), (local.ControlSilos, local.Network, local.Ports));

        var remote = Read("version: 1\ncontrol_silos: 2\nports: { gateway: 7000 }\nnetwork: { host: node1, advertise: 10.0.0.1, listen: any, encrypted: true }\ndatabase: { host: db, port: 1, name: n, user: u, password_file: p, certificate_authority: ca.pem }\n").Definition!;
        Assert.Equal(new DatabaseDefinition("db", 1, "n", "u", null, Path.Combine(_folder.Path, "p"), DatabaseTls.Verify, Path.Combine(_folder.Path, "ca.pem")), remote.Database);
        Assert.Equal((2, new ClusterNetwork("node1", "10.0.0.1", "any") { IsEncrypted = true }, new ClusterPorts(11111, 7000, 11200)), (remote.ControlSilos, remote.Network, remote.Ports));
        Assert.Equal(Path.Combine(_folder.Path, "cluster.yaml"), remote.File);
    }

    [Fact]
    public void ShippedFile_IsRead()
    {
        var shipped = ClusterReader.ReadFile(Path.Combine(Repository.Root, "Silo", "Deployment", "cluster.yaml"));
        Assert.True(shipped.IsValid, string.Join('\n', shipped.Problems));
        Assert.Equal("/srv/orchestrator", shipped.Definition.Store);
    }

    [Fact]
    public void Mistakes_AreToldAllAtOnce() =>
        Assert.Equal([2, 3], Read("version: 1\ndevices: [tpu]\nports: 7\n").Problems.Select(problem => problem.Line));

    [Fact]
    public void MissingFile_IsToldByName() =>
        Assert.Contains("there is no such file", Assert.Single(ClusterReader.ReadFile("nowhere.yaml").Problems).ToString(), StringComparison.Ordinal);

    private ClusterReading Read(string text) => ClusterReader.ReadFile(_folder.Write("cluster.yaml", text));
}
