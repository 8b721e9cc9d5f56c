using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Unit.Planning.Artefacts;

public sealed class FolderFingerprintTests
{
    [Fact]
    public void Fingerprint_IsOfNamesAndContents_WhereverTheyLie()
    {
        using var one = new TemporaryFolder();
        using var other = new TemporaryFolder();
        one.Write("b.json", "{}");
        one.Write("a.bin", "12");
        other.Write("a.bin", "12");
        other.Write("b.json", "{}");
        other.Write("checkpoints/1.pt", "left out");
        var fingerprint = FolderFingerprint.Compute(one.Path);
        Assert.Equal(64, fingerprint.Length);
        Assert.Equal(fingerprint, FolderFingerprint.Compute(other.Path));
        other.Write("a.bin", "21");
        Assert.NotEqual(fingerprint, FolderFingerprint.Compute(other.Path));
        other.Write("a.bin", "12");
        File.Move(Path.Combine(other.Path, "b.json"), Path.Combine(other.Path, "c.json"));
        Assert.NotEqual(fingerprint, FolderFingerprint.Compute(other.Path));
    }
}
