using Orchestrator.Numerics.Runtime;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Runtime;

/// <summary>
/// Folders of an installed PyTorch, good and bad. This process holds the libtorch of its build, so a good one is made of
/// links to that.
/// </summary>
public sealed class LibTorchTests : IDisposable
{
    private static readonly string[] Libraries = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    private readonly DirectoryInfo _torch = Directory.CreateTempSubdirectory("orchestrator-libtorch-");

    public LibTorchTests() => Directory.CreateDirectory(Folder);

    private string Folder => Path.Combine(_torch.FullName, "lib");

    /// <summary>Where the build has its own; skips where it has none.</summary>
    private static string Own
    {
        get
        {
            var folders = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator);
            var own = folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, Libraries[1])));
            if (own is null) Assert.Skip("This build holds no libtorch of its own.");
            return own;
        }
    }

    public void Dispose() => _torch.Delete(recursive: true);

    [Fact]
    public void Prepare_WithoutAFolder_TakesTheBuildsOwn()
    {
        _ = Own;
        LibTorch.Prepare(null);
        LibTorch.Prepare("");

        using var sum = ones(3).sum();
        Assert.Equal(3, sum.item<float>());
    }

    [Theory]
    [InlineData("version.py", "from typing import Optional\n__all__ = ['__version__']\n__version__ = '2.10.0+cu128'\ndebug = False\n")]
    [InlineData("version.py", "__version__ = \"2.10.1\"\n")]
    [InlineData("build-version", "2.10.0+cpu\n")]
    public void Prepare_OfLinksToTheBuildsOwn_LoadsThem(string file, string text)
    {
        // What libtorch needs itself, such as its OpenMP, too: nothing else may have been loaded yet.
        Link([.. Directory.EnumerateFiles(Own, "lib*").Select(path => Path.GetFileName(path)).Where(IsOfTorch)]);
        Write(file, text);

        LibTorch.Prepare(Folder);

        using var sum = ones(3).sum();
        Assert.Equal(3, sum.item<float>());
    }

    [Fact]
    public void Prepare_OfNoFolder_NamesIt()
    {
        var folder = Path.Combine(_torch.FullName, "missing");

        Refuses(folder, "does not exist");
    }

    [Fact]
    public void Prepare_OfAFile_NamesIt() => Refuses(Write("file", "no folder"), "does not exist");

    [Fact]
    public void Prepare_OfAnEmptyFolder_NamesWhatIsMissing() =>
        Refuses(Folder, "libc10.so, libtorch_cpu.so, libtorch.so", "site-packages/torch/lib");

    [Fact]
    public void Prepare_OfHalfAFolder_NamesTheOtherHalf()
    {
        Link("libc10.so", "libtorch.so");

        Refuses(Folder, "lacks libtorch_cpu.so.");
    }

    [Theory]
    [InlineData("version.py", "__version__ = '2.9.1+cu126'\n", "2.9.1+cu126")]
    [InlineData("version.py", "__version__ = '2.1.0'\n", "2.1.0")] // no prefix of 2.10
    [InlineData("version.py", "__version__ = '2.100.0'\n", "2.100.0")]
    [InlineData("build-version", "2.8.0+cu128\n", "2.8.0+cu128")]
    public void Prepare_OfAnotherVersion_NamesBoth(string file, string text, string version)
    {
        Link(Libraries);
        Write(file, text);

        Refuses(Folder, $"holds libtorch {version};", $"needs {LibTorch.Version}.");
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("version.py", "")]
    [InlineData("version.py", "__version__ = torch_version()\n")]
    [InlineData("build-version", "")]
    public void Prepare_OfAnUnknownVersion_SaysWhereOneIsLookedFor(string? file, string text)
    {
        Link(Libraries);
        if (file is not null) Write(file, text);

        Refuses(Folder, "unknown version", "version.py", "build-version", LibTorch.Version);
    }

    [Fact]
    public void Prepare_BesideTheBuildsOwn_IsRefusedBeforeItAborts()
    {
        Link("libc10.so", "libtorch.so");
        Write("lib/libtorch_cpu.so", "another file than the build's");
        Write("version.py", "__version__ = '2.10.0'\n");

        Refuses(Folder, Path.Combine(Own, "libtorch_cpu.so"), "-p:Accelerator=installed");
    }

    [Fact]
    public void Prepare_OfAFileThatIsNoLibrary_NamesTheFile()
    {
        Link("libtorch_cpu.so", "libtorch.so");
        Write("lib/libc10.so", "no library");
        Write("version.py", "__version__ = '2.10.0'\n");

        Refuses(Folder, Path.Combine(Folder, "libc10.so") + " does not load");
    }

    [Fact]
    public void HasCuda_LooksForItsLibrary()
    {
        Link(Libraries);
        Assert.False(LibTorch.HasCuda(Folder));

        Write("lib/libtorch_cuda.so", "");
        Assert.True(LibTorch.HasCuda(Folder));
        Assert.Equal(File.Exists(Path.Combine(Own, "libtorch_cuda.so")), LibTorch.HasCuda(null));
    }

    private static bool IsOfTorch(string name) =>
        name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("libc10", StringComparison.Ordinal) || name.StartsWith("libgomp", StringComparison.Ordinal);

    private static void Refuses(string folder, params string[] parts)
    {
        var message = Assert.Throws<LibTorchException>(() => LibTorch.Prepare(folder)).Message;
        Assert.All(parts.Append(folder), part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
    }

    private void Link(params string[] names)
    {
        foreach (var name in names) File.CreateSymbolicLink(Path.Combine(Folder, name), Path.Combine(Own, name));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_torch.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
