using System.Net;

namespace Orchestrator.Silo.Http;

/// <summary>Where a silo answers over HTTP: health, metrics, and on a control silo the operators' dashboard.</summary>
/// <param name="Address">To listen on.</param>
/// <param name="Port">To listen on; 0: there is no HTTP.</param>
public sealed record HttpSettings(IPAddress Address, int Port)
{
    /// <summary>No HTTP.</summary>
    public static HttpSettings None { get; } = new(IPAddress.Loopback, 0);

    /// <summary>Whether it encrypts, with the machine's certificate.</summary>
    public bool HasTls { get; init; }

    /// <summary>Where telemetry is sent by OTLP over HTTP, <c>http://host:4318</c>; null: nowhere.</summary>
    public Uri? Collector { get; init; }

    public bool IsOn => Port > 0;

    public bool IsLoopback => IPAddress.IsLoopback(Address);
}
