using System.Net;
using Orchestrator.Planning.Access;
using Orchestrator.Planning.Clusters;
using Xunit;

namespace Orchestrator.Unit.Planning.Clusters;

public sealed class ClusterAccessTests : IDisposable
{
    private const string Certificates = "tls: { certificate: a.crt, key: a.key, authority: ca.crt }\n";
    private const string Hash = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void File_WithoutAccess_IsAUsersOwnMachine() =>
        Assert.Equal(ClusterAccess.Open, Read("version: 1\n").Definition!.Access);

    [Fact]
    public void File_WithEverything_IsRead()
    {
        var access = Read($"version: 1\n{Certificates}http: {{ port: 5110, address: 0.0.0.0 }}\naccess: {{ folders: [corpora, /data], plugins: [{Hash}] }}\ntelemetry: {{ collector: 'http://localhost:4318' }}\n").Definition!.Access;

        Assert.Equal((IPAddress.Any, 5_110), (access.HttpAddress, access.HttpPort));
        Assert.Equal(new TlsFiles(In("a.crt"), In("a.key"), In("ca.crt")), access.Tls);
        Assert.Equal([In("corpora"), "/data"], access.Folders.Folders!);
        Assert.Equal([Hash.ToLowerInvariant()], access.Plugins!);
        Assert.Equal(new Uri("http://localhost:4318"), access.Collector);
    }

    [Fact]
    public void File_WithNoFoldersAndNoPlugins_AllowsNone()
    {
        var access = Read("version: 1\naccess: { folders: [], plugins: [] }\n").Definition!.Access;

        Assert.Empty(access.Folders.Folders!);
        Assert.Empty(access.Plugins!);
    }

    [Theory]
    [InlineData("http: { address: 0.0.0.0 }\n", "http.address: beyond loopback it takes TLS; found '0.0.0.0'")]
    [InlineData("http: { address: everywhere }\n", "http.address: wrong value; found 'everywhere'")]
    [InlineData("http: { tls: own }\n", "http.tls: there is no certificate")]
    [InlineData("tls: { certificate: a.crt }\n", "missing key 'tls.key'")]
    [InlineData("access: { plugins: [abc] }\n", "access.plugins: wrong value; found 'abc'; allowed: 64 hexadecimal digits")]
    [InlineData("telemetry: { collector: 'localhost:4318' }\n", "telemetry.collector: wrong value; found 'localhost:4318'")]
    [InlineData("database: { host: db }\nnetwork: { advertise: 10.0.0.7 }\n", "network.advertise: beyond loopback it takes TLS; found '10.0.0.7'")]
    [InlineData("database: { host: db }\nnetwork: { listen: any }\n", "network.listen: beyond loopback it takes TLS; found 'any'")]
    public void Mistakes_NameTheirPlace(string text, string expected) =>
        Assert.Contains(Read("version: 1\n" + text).Problems, problem => problem.ToString().Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("http: { address: 0.0.0.0, tls: proxy }\n")]
    [InlineData("http: { address: '::1' }\n")]
    [InlineData(Certificates + "http: { address: 0.0.0.0 }\n")]
    [InlineData(Certificates + "database: { host: db }\nnetwork: { advertise: 10.0.0.7 }\n")]
    [InlineData("database: { host: db }\nnetwork: { advertise: 10.0.0.7, encrypted: true }\n")]
    [InlineData("database: { host: db }\nnetwork: { advertise: 127.0.0.2, listen: localhost }\n")]
    public void WhatIsSafe_IsAllowed(string text) => Assert.Empty(Read("version: 1\n" + text).Problems);

    private string In(string name) => Path.Combine(_folder.Path, name);

    private ClusterReading Read(string text) => ClusterReader.ReadFile(_folder.Write("cluster.yaml", text));
}
