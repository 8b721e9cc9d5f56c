using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Orchestrator.Processes.Databases;

/// <summary>
/// Two hosts and a router between them, which also has the database: network namespaces of this machine. A partition stops
/// the router from handing packets on: neither host reaches the other, and both reach the database.
/// </summary>
internal sealed class TwoHosts : IAsyncDisposable
{
    private readonly string _mark = string.Create(CultureInfo.InvariantCulture, $"o{Environment.ProcessId % 100_000}");

    /// <summary>The router's address on the side of the database's users.</summary>
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

        await hosts.Connect("a", 1);
        await hosts.Connect("b", 2);
        await hosts.Ip($"-n {hosts._mark}r link set lo up");
        await hosts.Forward(true);
        return hosts;
    }

    /// <summary>From now on neither host reaches the other.</summary>
    public Task Part() => Forward(false);

    public Task Join() => Forward(true);

    public async ValueTask DisposeAsync()
    {
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
        await Ip($"-n {host} link set lo up");
        await Ip($"-n {host} link set eth0 up");
        await Ip($"-n {router} link set {name} up");
        await Ip($"-n {host} route add default via 10.213.{network}.1");
    }

    private async Task Forward(bool on) => Assert.Null(await Try([.. Router, "sysctl", "-q", "-w", $"net.ipv4.ip_forward={(on ? 1 : 0)}"]));

    private async Task Ip(string arguments) => Assert.Null(await TryIp(arguments));

    private Task<string?> TryIp(string arguments) => Try(["ip", .. arguments.Split(' ')]);
}
