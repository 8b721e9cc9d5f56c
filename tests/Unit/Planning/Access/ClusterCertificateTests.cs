using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Planning.Access;
using Xunit;

namespace Orchestrator.Unit.Planning.Access;

public sealed class ClusterCertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void IsOurs_OfTheSameAuthority_AndOfNoOther()
    {
        using var ours = Authority();
        using var theirs = Authority();
        var certificate = ClusterCertificate.Load(Write("a", ours, Issue(ours)));

        Assert.True(certificate.IsOurs(Issue(ours)));
        Assert.False(certificate.IsOurs(Issue(theirs)));
        Assert.False(certificate.IsOurs(Issue(ours, expired: true)));
        Assert.False(certificate.IsOurs(null));
    }

    [Fact]
    public void Load_OfACertificateOfAnotherAuthority_IsRefused()
    {
        using var ours = Authority();
        using var theirs = Authority();

        var refusal = Assert.Throws<InvalidDataException>(() => ClusterCertificate.Load(Write("a", ours, Issue(theirs))));

        Assert.Contains("tls.certificate", refusal.Message);
        Assert.Contains("a.crt", refusal.Message);
    }

    [Theory]
    [InlineData("certificate")]
    [InlineData("key")]
    [InlineData("authority")]
    public void Load_NamesWhatCannotBeRead(string which)
    {
        using var authority = Authority();
        var files = Write("a", authority, Issue(authority));
        var missing = Path.Combine(_folder.Path, "missing.pem");

        var refusal = Assert.Throws<InvalidDataException>(() => ClusterCertificate.Load(which switch
        {
            "certificate" => files with { Certificate = missing },
            "key" => files with { Key = missing },
            _ => files with { Authority = missing },
        }));

        Assert.Contains($"tls.{which}: {missing}", refusal.Message);
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-10), TimeProvider.System.GetUtcNow().AddDays(10));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=host", key, HashAlgorithmName.SHA256);
        using var issued = request.Create(authority, TimeProvider.System.GetUtcNow().AddDays(-5), TimeProvider.System.GetUtcNow().AddDays(expired ? -1 : 5), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    private TlsFiles Write(string name, X509Certificate2 authority, X509Certificate2 own)
    {
        var files = new TlsFiles(Path.Combine(_folder.Path, name + ".crt"), Path.Combine(_folder.Path, name + ".key"), Path.Combine(_folder.Path, name + ".ca"));
        File.WriteAllText(files.Certificate, own.ExportCertificatePem());
        File.WriteAllText(files.Key, own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(files.Authority, authority.ExportCertificatePem());
        return files;
    }
}
