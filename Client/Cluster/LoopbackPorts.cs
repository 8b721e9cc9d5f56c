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
}
