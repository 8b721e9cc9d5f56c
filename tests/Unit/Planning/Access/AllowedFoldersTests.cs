using Orchestrator.Planning.Access;
using Xunit;

namespace Orchestrator.Unit.Planning.Access;

public sealed class AllowedFoldersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AllowedFoldersTests()
    {
        foreach (var name in (string[])["data/deep", "database", "secret"])
        {
            Directory.CreateDirectory(In(name));
            File.WriteAllText(In($"{name}/text.txt"), "text");
        }

        Directory.CreateSymbolicLink(In("data/way-out"), In("secret"));
        Directory.CreateSymbolicLink(In("link-to-data"), In("data"));
    }

    private AllowedFolders Data => new([In("data")]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FirstOutside_OfFilesWithin_IsNone() =>
        Assert.Null(Data.FirstOutside([In("data/deep/text.txt"), In("data/../data/deep/text.txt"), In("link-to-data/deep/text.txt"), In("data")]));

    [Theory]
    [InlineData("secret/text.txt")]
    [InlineData("data/way-out/text.txt")]
    [InlineData("data/../secret/text.txt")]
    [InlineData("database/text.txt")]
    [InlineData("data/missing.txt")]
    public void FirstOutside_FindsEveryWayOut(string path) => Assert.Equal(In(path), Data.FirstOutside([In("data/deep/text.txt"), In(path)]));

    [Fact]
    public void FirstOutside_OfTheRoot_IsNone() => Assert.Null(new AllowedFolders(["/"]).FirstOutside([In("secret/text.txt")]));

    [Fact]
    public void FirstOutside_OfNoFolders_IsEverything() => Assert.NotNull(new AllowedFolders([]).FirstOutside([In("data/deep/text.txt")]));

    [Fact]
    public void Any_AllowsEverything() => Assert.Null(AllowedFolders.Any.FirstOutside([In("nowhere")]));

    private string In(string path) => Path.Combine(_folder.Path, path);
}
