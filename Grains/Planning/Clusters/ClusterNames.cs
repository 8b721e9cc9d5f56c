using System.Text.RegularExpressions;

namespace Orchestrator.Planning.Clusters;

/// <summary>How machines, devices and silos are called.</summary>
public static partial class ClusterNames
{
    /// <summary>What a machine's name looks like, for messages.</summary>
    public const string HostText = "1 to 63 of letters, digits, '.' and '-', not beginning with '-' or '.'";

    /// <summary>The same for programs.</summary>
    internal const string HostPattern = @"\A[A-Za-z0-9][A-Za-z0-9.-]{0,62}\z";

    /// <summary>A device among those of all machines: <c>cuda:0@node1</c>; on a cluster of one machine only <c>cuda:0</c>.</summary>
    public static string Device(string device, string? host) => host is null ? device : $"{device}@{host}";

    /// <summary>The first control silo of a machine: <c>control@node1</c>; the second: <c>control-2@node1</c>.</summary>
    public static string Control(int number, string? host)
    {
        var name = number == 1 ? "control" : $"control-{number}";
        return host is null ? name : $"{name}@{host}";
    }

    /// <summary>The system's name for this machine, made fit.</summary>
    public static string ThisHost
    {
        get
        {
            var name = new string([.. Environment.MachineName.Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-').Take(63)]).TrimStart('-', '.');
            return name.Length > 0 ? name : "host";
        }
    }

    public static bool IsHost(string name) => HostName().IsMatch(name);

    [GeneratedRegex(HostPattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HostName();
}
