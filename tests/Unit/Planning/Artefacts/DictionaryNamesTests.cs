using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Unit.Planning.Artefacts;

public sealed class DictionaryNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DictionaryNames _names;

    public DictionaryNamesTests() => _names = new DictionaryNames(new StoreLayout(_folder.Path));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Set_IsFoundByEverybody_AndReplaced()
    {
        Assert.Null(_names.Find("gpt2-sae"));
        Assert.Empty(_names.All());
        _names.Set("gpt2-sae", new DictionaryId("dictionary-0123456789ab"));
        _names.Set("another", new DictionaryId("dictionary-0123456789ab"));
        _names.Set("gpt2-sae", new DictionaryId("dictionary-ba9876543210"));
        var others = new DictionaryNames(new StoreLayout(_folder.Path));
        Assert.Equal(new DictionaryId("dictionary-ba9876543210"), others.Find("gpt2-sae"));
        Assert.Equal(["another", "gpt2-sae"], others.All());
        Assert.Equal(2, Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "names")).Length);   // nothing temporary is left
    }

    [Theory]
    [InlineData("", "letters")]
    [InlineData("../up", "letters")]
    [InlineData("a b", "letters")]
    [InlineData("dictionary-mine", "'dictionary-'")]
    [InlineData("cafe", "hex digits")]
    [InlineData("0123456789ab", "hex digits")]
    public void Names_ThatCouldBeSomethingElse_AreRefused(string name, string why)
    {
        Assert.Contains(why, DictionaryNames.Problem(name), StringComparison.Ordinal);
        Assert.Contains(why, Assert.Throws<ArgumentException>(() => _names.Set(name, new DictionaryId("dictionary-0123456789ab"))).Message, StringComparison.Ordinal);
        Assert.Null(_names.Find(name));
    }

    [Theory]
    [InlineData("cafe-1")]
    [InlineData("0123456789abc")]
    [InlineData("Cafe")]
    public void Names_ThatCanBeNothingElse_AreAllowed(string name) => Assert.Null(DictionaryNames.Problem(name));
}
