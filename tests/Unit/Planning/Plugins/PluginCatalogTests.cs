using Orchestrator.Planning.Plugins;
using Xunit;

namespace Orchestrator.Unit.Planning.Plugins;

public sealed class PluginCatalogTests
{
    private const string Manifest = """
        {
          "id": "test.counting",
          "version": "1.2.3",
          "entry_assembly": "Counting.dll",
          "contract_level": 1,
          "analyses": [
            {
              "kind": "counting",
              "type": "Test.Counting",
              "summary": "How many?",
              "inputs": "seed-pair",
              "options": [ { "name": "most", "type": "integer", "default": 5, "minimum": 1, "maximum": 9, "description": "Most." } ],
              "metrics": [ { "name": "count", "unit": "features", "version": 1, "description": "Count." } ],
            },
          ],
        }
        """;

    [Fact]
    public void Read_FindsPluginsWithoutLoadingThem()
    {
        using var folder = Folder(("a", Manifest));

        var catalog = PluginCatalog.Read(folder.Path);

        var plugin = Assert.Single(catalog.Plugins);
        Assert.Equal((PluginState.Active, "a", 64), (plugin.State, plugin.Name, plugin.Sha256.Length));
        Assert.True(catalog.TryFind("counting", out var analysis));
        Assert.Same(plugin, analysis.Plugin);
    }

    [Fact]
    public void Read_OfWhatTheOperatorDoesNotAllow_OffersNothing()
    {
        using var folder = Folder(("a", Manifest));
        var hash = PluginCatalog.Read(folder.Path).Plugins[0].Sha256;

        var catalog = PluginCatalog.Read(folder.Path, new HashSet<string> { new('0', 64) });

        Assert.Empty(catalog.Analyses);
        var plugin = Assert.Single(catalog.Plugins);
        Assert.Equal(PluginState.NotAllowed, plugin.State);
        Assert.Contains(hash, plugin.Reason);
        Assert.Single(PluginCatalog.Read(folder.Path, new HashSet<string> { hash }).Analyses);
    }

    [Fact]
    public void Read_OfNoFolder_IsEmpty() => Assert.Empty(PluginCatalog.Read("/no/such/folder").Plugins);

    [Theory]
    [InlineData("\"contract_level\": 1", "\"contract_level\": 2", PluginState.NotSupported, "contract level 2")]
    [InlineData("\"version\": \"1.2.3\",", "\"version\" \"1.2.3\",", PluginState.Malfunctioned, "plugin.json:3:")]
    [InlineData("\"version\": \"1.2.3\",", "\"versoin\": \"1.2.3\",", PluginState.Malfunctioned, "versoin")]
    [InlineData("\"version\": \"1.2.3\",", "", PluginState.Malfunctioned, "version")]
    [InlineData("\"1.2.3\"", "\"newest\"", PluginState.Malfunctioned, "major.minor.patch")]
    [InlineData("\"test.counting\"", "null", PluginState.Malfunctioned, "plugin.json:2:")]
    [InlineData("\"options\": [", "\"options\": [ null, ", PluginState.Malfunctioned, "holds null")]
    [InlineData("\"Counting.dll\"", "\"Missing.dll\"", PluginState.Malfunctioned, "Missing.dll is not there")]
    [InlineData("\"Counting.dll\"", "\"../a/Counting.dll\"", PluginState.Malfunctioned, "not a plain file name")]
    [InlineData("\"default\": 5", "\"default\": 50", PluginState.Malfunctioned, "default of most is outside its range")]
    [InlineData("\"default\": 5", "\"default\": \"five\"", PluginState.Malfunctioned, "default of most is no integer")]
    [InlineData("\"minimum\": 1", "\"minimum\": 10", PluginState.Malfunctioned, "minimum of most is above its maximum")]
    [InlineData("\"name\": \"most\"", "\"name\": \"kind\"", PluginState.Malfunctioned, "'kind'")]
    [InlineData("\"kind\": \"counting\"", "\"kind\": \"Counting Things\"", PluginState.Malfunctioned, "kebab-case")]
    [InlineData("\"inputs\": \"seed-pair\"", "\"inputs\": \"everything\"", PluginState.Malfunctioned, "inputs")]
    [InlineData("{\n  \"id\"", "null // {\n  \"id\"", PluginState.Malfunctioned, "plugin.json")]
    public void Read_TellsWhatIsWrongWithAPlugin(string right, string wrong, PluginState state, string reason)
    {
        Assert.Contains(right, Manifest);
        using var folder = Folder(("a", Manifest.Replace(right, wrong)));

        var catalog = PluginCatalog.Read(folder.Path);

        var plugin = Assert.Single(catalog.Plugins);
        Assert.Equal(state, plugin.State);
        Assert.Contains(reason, plugin.Reason);
        Assert.Empty(catalog.Analyses);
    }

    [Theory]
    [InlineData("TorchSharp.dll")]
    [InlineData("runtimes/linux-x64/native/libtorch_cpu.so")]
    public void Read_RefusesAPluginThatBringsItsOwnTorch(string file)
    {
        using var folder = Folder(("a", Manifest));
        folder.Write("a/" + file, "");

        var plugin = Assert.Single(PluginCatalog.Read(folder.Path).Plugins);

        Assert.Equal(PluginState.Malfunctioned, plugin.State);
        Assert.Contains(Path.GetFileName(file), plugin.Reason);
    }

    [Fact]
    public void Read_TellsOfAFolderWithoutManifest()
    {
        using var folder = Folder();
        folder.Write("a/readme.txt", "");

        Assert.Contains("no plugin.json", Assert.Single(PluginCatalog.Read(folder.Path).Plugins).Reason);
    }

    [Fact]
    public void Read_LetsTheFirstPluginKeepAnIdAndAKind()
    {
        using var folder = Folder(("b", Manifest), ("a", Manifest), ("c", Manifest.Replace("test.counting", "test.other")));

        var catalog = PluginCatalog.Read(folder.Path);

        Assert.Equal([PluginState.Active, PluginState.Malfunctioned, PluginState.Malfunctioned], catalog.Plugins.Select(plugin => plugin.State));
        Assert.Equal("the id test.counting is already that of a", catalog.Plugins[1].Reason);
        Assert.Equal("the kind counting is already offered by a", catalog.Plugins[2].Reason);
        Assert.Equal("a", catalog.Analyses["counting"].Plugin.Name);
    }

    [Fact]
    public void Read_HashesNamesAndContentsOfAllFiles()
    {
        using var folder = Folder(("a", Manifest));
        var first = Hash();

        folder.Write("a/data/table.txt", "1");
        var second = Hash();
        folder.Write("a/data/table.txt", "2");
        var third = Hash();
        File.Move(Path.Combine(folder.Path, "a/data/table.txt"), Path.Combine(folder.Path, "a/data/other.txt"));
        var fourth = Hash();
        File.Delete(Path.Combine(folder.Path, "a/data/other.txt"));

        Assert.Equal(4, new HashSet<string> { first, second, third, fourth }.Count);
        Assert.Equal(first, Hash());

        string Hash() => PluginCatalog.Read(folder.Path).Plugins[0].Sha256;
    }

    private static TemporaryFolder Folder(params (string Name, string Manifest)[] plugins)
    {
        var folder = new TemporaryFolder();
        foreach (var (name, manifest) in plugins)
        {
            folder.Write($"{name}/plugin.json", manifest);
            folder.Write($"{name}/Counting.dll", "");
        }

        return folder;
    }
}
