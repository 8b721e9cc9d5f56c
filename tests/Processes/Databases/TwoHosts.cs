using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Orchestrator.Processes.Databases;

/// <summary>
/// Two hosts and a router between them, which also has the database: network namespaces of this machine. In a partition the
/// router drops what one host sends the other; both still reach the database, and this machine reaches all.
/// </summary>
internal sealed class TwoHosts : IAsyncDisposable
{
    private readonly string _mark = string.Create(CultureInfo.InvariantCulture, $"o{Environment.ProcessId % 100_000}");

    /// <summary>The router's address, as everybody reaches it.</summary>
    public static string RouterAddress => "10.213.1.1";

    public IReadOnlyList<string> Router => Inside("r");

    public IReadOnlyList<string> First => Inside("a");

    public IReadOnlyList<string> Second => Inside("b");

    public static string FirstAddress => "10.213.1.2";

    public static string SecondAddress => "10.213.2.2";

    /// <summary>Sets them up; skips the test where this machine does not allow it.</summary>
    public static async Task<TwoHosts> Create()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Network namespaces need root.");
        Assert.SkipUnless(File.Exists("/usr/sbin/ip") || File.Exists("/sbin/ip"), "There is no ip command (apt-get install iproute2).");
        var hosts = new TwoHosts();
        if (await hosts.TryIp($"netns add {hosts._mark}r") is { } refusal)
            Assert.Skip($"This machine does not let us make network namespaces: {refusal}");

        await hosts.Ip($"-n {hosts._mark}r link set dev lo up");
        await hosts.Connect("a", 1);
        await hosts.Connect("b", 2);
        await hosts.ConnectThisMachine();
        Assert.Null(await Try([.. hosts.Router, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"]));
        return hosts;
    }

    /// <summary>From now on neither host reaches the other.</summary>
    public Task Part() => Rule("add");

    public Task Join() => Rule("del");

    public async ValueTask DisposeAsync()
    {
        await TryIp($"link del dev {_mark}t");
        foreach (var name in (string[])["a", "b", "r"])
            await TryIp($"netns del {_mark}{name}"); // its interfaces go with it
    }

    private static async Task<string?> Try(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : $"{string.Join(' ', command)}: {(await errors).Trim()}";
    }

    private IReadOnlyList<string> Inside(string name) => ["ip", "netns", "exec", _mark + name];

    private async Task Connect(string name, int network)
    {
        var (host, router) = ($"{_mark}{name}", $"{_mark}r");
        await Ip($"netns add {host}");
        await Ip($"link add eth0 netns {host} type veth peer name {name} netns {router}");
        await Ip($"-n {host} addr add 10.213.{network}.2/24 dev eth0");
        await Ip($"-n {router} addr add 10.213.{network}.1/24 dev {name}");
        await Ip($"-n {host} link set dev lo up");
        await Ip($"-n {host} link set dev eth0 up");
        await Ip($"-n {router} link set dev {name} up");
        await Ip($"-n {host} route add default via 10.213.{network}.1");
    }

    private async Task ConnectThisMachine()
    {
        await Ip($"link add {_mark}t type veth peer name t netns {_mark}r");
        await Ip($"addr add 10.213.3.2/24 dev {_mark}t");
        await Ip($"-n {_mark}r addr add 10.213.3.1/24 dev t");
        await Ip($"link set dev {_mark}t up");
        await Ip($"-n {_mark}r link set dev t up");
        await Ip("route add 10.213.1.0/24 via 10.213.3.1");
        await Ip("route add 10.213.2.0/24 via 10.213.3.1");
    }

    /// <summary>After the rule for the router's own addresses, which is the first.</summary>
    private async Task Rule(string verb)
    {
        await Ip($"-n {_mark}r rule {verb} pref 10 iif a to 10.213.2.0/24 blackhole");
        await Ip($"-n {_mark}r rule {verb} pref 10 iif b to 10.213.1.0/24 blackhole");
    }

    private async Task Ip(string arguments) => Assert.Null(await TryIp(arguments));

    private Task<string?> TryIp(string arguments) => Try(["ip", .. arguments.Split(' ')]);
}
