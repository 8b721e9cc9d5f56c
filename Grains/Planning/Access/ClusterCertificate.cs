using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Planning.Access;

/// <summary>
/// The certificate of a cluster's processes, and the authority that all of theirs come from. Both ends of every connection
/// show one: whoever has none cannot talk to a silo.
/// </summary>
public sealed class ClusterCertificate
{
    /// <summary>What a client asks for; who answers is told by the authority, not by a name.</summary>
    public const string PeerName = "orchestrator";

    private readonly X509Certificate2Collection _authority;

    private ClusterCertificate(X509Certificate2 own, X509Certificate2Collection authority) => (Own, _authority) = (own, authority);

    /// <summary>With its private key.</summary>
    public X509Certificate2 Own { get; }

    /// <summary>Reads PEM files.</summary>
    /// <exception cref="InvalidDataException">One is missing, of another form, or they do not belong together; the message names it.</exception>
    public static ClusterCertificate Load(TlsFiles files)
    {
        var authority = new X509Certificate2Collection();
        Read(files.Authority, "authority", () => authority.ImportFromPemFile(files.Authority));
        if (authority.Count == 0)
        {
            throw new InvalidDataException($"tls.authority: {files.Authority} holds no certificate.");
        }

        X509Certificate2? own = null;
        Read(files.Key, "key", () => _ = File.ReadAllBytes(files.Key));
        Read(files.Certificate, "certificate", () => own = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key));
        var certificate = new ClusterCertificate(own!, authority);
        return certificate.IsOurs(own)
            ? certificate
            : throw new InvalidDataException($"tls.certificate: {files.Certificate} does not come from the authority in {files.Authority}, or its time is over (it ends {own!.NotAfter:u}).");
    }

    /// <summary>Whether a peer's certificate comes from this cluster's authority. Names are not looked at: hosts come and go.</summary>
    public bool IsOurs(X509Certificate2? peer)
    {
        if (peer is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // a cluster's own authority publishes no lists
        return chain.Build(peer);
    }

    private static void Read(string path, string key, Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"tls.{key}: {path} cannot be read: {exception.Message}", exception);
        }
    }
}

/// <summary>Three PEM files.</summary>
/// <param name="Certificate">Of this host.</param>
/// <param name="Key">Its private key.</param>
/// <param name="Authority">That all certificates of the cluster come from.</param>
public sealed record TlsFiles(string Certificate, string Key, string Authority);
