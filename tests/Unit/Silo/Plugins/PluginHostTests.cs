using Orchestrator.Abstractions.Analyses;
using Orchestrator.Planning.Plugins;
using Orchestrator.Silo.Plugins;
using Orchestrator.Unit.Analyses;
using Xunit;

namespace Orchestrator.Unit.Silo.Plugins;

public sealed class PluginHostTests : IDisposable
{
    private readonly string _plugins = Directory.CreateTempSubdirectory("plugins").FullName;

    public void Dispose() => Directory.Delete(_plugins, recursive: true);

    [Theory]
    [InlineData("universality")]
    [InlineData("feature-splitting")]
    [InlineData("finite-state-automata")]
    [InlineData("feature-report")]
    public void Create_LoadsBuiltInIntoItsOwnContextWithTheHostsContract(string kind)
    {
        var analysis = BuiltInAnalyses.Host.Create(kind);
        Assert.Equal(kind, analysis.Manifest.Kind);
        Assert.NotEqual(
            System.Runtime.Loader.AssemblyLoadContext.Default,
            System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(analysis.Instance.GetType().Assembly));
        Assert.IsAssignableFrom<IAnalysis>(analysis.Instance);
    }

    [Fact]
    public void Create_UnknownKind_NamesTheKnownOnes()
    {
        var failure = Assert.Throws<PluginLoadException>(() => BuiltInAnalyses.Host.Create("astrology"));
        Assert.Contains("universality", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ChangedPlugin_IsRefused() =>
        Assert.Throws<PluginLoadException>(() => BuiltInAnalyses.Host.Create("universality", sha256: new string('0', 64)));

    [Fact]
    public void Create_AnotherContractLevel_IsRefused()
    {
        using var host = CopyWith(static manifest => manifest.Replace("\"contract_level\": 1", "\"contract_level\": 2", StringComparison.Ordinal));
        Assert.Contains("contract level 2", Assert.Throws<PluginLoadException>(() => host.Create("universality")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_MissingType_IsRefused()
    {
        using var host = CopyWith(static manifest => manifest.Replace("UniversalityAnalysis", "Horoscope", StringComparison.Ordinal));
        Assert.Contains("has no type", Assert.Throws<PluginLoadException>(() => host.Create("universality")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_TypeThatIsNoAnalysis_IsRefused()
    {
        using var host = CopyWith(static manifest => manifest.Replace("UniversalityAnalysis", "UniversalityOptions", StringComparison.Ordinal));
        Assert.Contains("does not implement", Assert.Throws<PluginLoadException>(() => host.Create("universality")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TorchSharp.dll")]
    [InlineData("libtorch_cpu.so")]
    [InlineData("libLibTorchSharp.so")]
    public void Create_FolderThatCarriesTorch_IsRefused(string file)
    {
        using var host = CopyWith(static manifest => manifest, file);
        Assert.Contains(file, Assert.Throws<PluginLoadException>(() => host.Create("universality")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unload_ThenCreate_LoadsAgain()
    {
        using var host = CopyWith(static manifest => manifest);
        var first = host.Create("universality");
        Assert.True(host.Unload(first.Plugin));
        Assert.False(host.Unload(first.Plugin));
        Assert.NotSame(first.Instance.GetType(), host.Create("universality").Instance.GetType());
    }

    [Fact]
    public void Create_OfAFolderThatHasChanged_IsRefused()
    {
        using var host = CopyWith(static manifest => manifest);
        File.AppendAllText(Path.Combine(_plugins, "Universality", "plugin.json"), " ");
        Assert.Contains("has changed since it was read", Assert.Throws<PluginLoadException>(() => host.Create("universality")).Message, StringComparison.Ordinal);
    }

    private PluginHost CopyWith(Func<string, string> change, string? extraFile = null)
    {
        var target = Directory.CreateDirectory(Path.Combine(_plugins, "Universality")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(BuiltInAnalyses.Folder(), "Universality")))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        var manifest = Path.Combine(target, "plugin.json");
        File.WriteAllText(manifest, change(File.ReadAllText(manifest)));
        if (extraFile is not null)
        {
            File.WriteAllText(Path.Combine(target, extraFile), "");
        }

        return new PluginHost(PluginCatalog.Read(_plugins));
    }
}
