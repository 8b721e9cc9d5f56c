using System.Net;
using Orchestrator.Planning.Access;

namespace Orchestrator.Silo.Http;

/// <summary>Where a silo answers over HTTP: health, metrics, and on a control silo the operators' dashboard.</summary>
/// <param name="Address">To listen on.</param>
/// <param name="Port">To listen on; 0: there is no HTTP.</param>
public sealed record HttpSettings(IPAddress Address, int Port)
{
    /// <summary>No HTTP.</summary>
    public static HttpSettings None { get; } = new(IPAddress.Loopback, 0);

    /// <summary>Its certificate, for TLS; null: without TLS.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>The operator says that a proxy before it does TLS.</summary>
    public bool IsBehindProxy { get; init; }

    /// <summary>Where telemetry is sent by OTLP over HTTP, <c>http://host:4318</c>; null: nowhere.</summary>
    public Uri? Collector { get; init; }

    public bool IsOn => Port > 0;

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Whether passwords would cross a network in the clear.</summary>
    public bool IsExposed => IsOn && !IsLoopback && Tls is null && !IsBehindProxy;
}
