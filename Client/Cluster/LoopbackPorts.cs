using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Client.Cluster;

/// <summary>Free ports of this machine.</summary>
public static class LoopbackPorts
{
    /// <summary>Different ports that were free a moment ago.</summary>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            // All at once, or the system may give the same port twice.
            listeners.ForEach(listener => listener.Start());
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }

    /// <summary>Sees that nobody listens on any of them.</summary>
    /// <exception cref="CommandFailure">Names those on which somebody does.</exception>
    public static void RequireFree(IReadOnlyList<int> ports)
    {
        var taken = ports.Where(IsTaken).ToList();
        if (taken.Count > 0)
        {
            throw new CommandFailure(ExitCodes.Failed, $"Another process listens on port {string.Join(", ", taken.Select(port => port.ToString(CultureInfo.InvariantCulture)))}. Choose other ports, or leave the choice to the program.");
        }
    }

    private static bool IsTaken(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
