using Xunit;

namespace Orchestrator.Processes;

/// <summary>
/// A build without a libtorch of its own computes with that of an installed PyTorch. Such a build is made here of links to
/// the one that is there, less libtorch; the package's libtorch in another folder stands for PyTorch's.
/// </summary>
public sealed class InstalledLibTorchTests : IDisposable
{
    private static readonly string Native = Path.Combine("runtimes", "linux-x64", "native");

    private readonly TemporaryStore _store = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-installed-").FullName;

    private string Torch => Path.Combine(_folder, "torch", "lib");

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Run_WithTheLibTorchOfAFolder_Completes()
    {
        var client = Build();
        await using var run = ClientProcess.Start(
            client, new Dictionary<string, string> { ["ORCHESTRATOR_LIBTORCH"] = Torch }, "run", _store.ShortSpec(64, 128), "--store", _store.Root, "--json");
        Assert.True(await run.WaitForExit() == 0, run.Transcript);
        Assert.Equal("completed", run.Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Run_WithoutAny_SaysHowToNameOne()
    {
        var client = Build();
        await using var run = ClientProcess.Start(
            client, new Dictionary<string, string> { ["ORCHESTRATOR_LIBTORCH"] = "" }, "run", _store.ShortSpec(64, 128), "--store", _store.Root);
        Assert.Equal(2, await run.WaitForExit());
        Assert.Contains("This build holds no libtorch.", run.Errors, StringComparison.Ordinal);
    }

    /// <summary>In the layout of a published program: the client, <c>silo/</c> and <c>plugins/</c> in one folder.</summary>
    /// <returns>The client's assembly.</returns>
    private string Build()
    {
        var (client, silo) = (ProgramCopy.ClientFolder, ProgramCopy.Silo);
        if (!File.Exists(Path.Combine(silo, Native, "libtorch_cpu.so"))) Assert.Skip("This build holds no libtorch of its own.");
        var folder = Path.Combine(_folder, "client");
        ProgramCopy.Mirror(client, folder, "Orchestrator.Client");
        Directory.CreateSymbolicLink(Path.Combine(folder, "plugins"), ProgramCopy.Plugins);
        var without = Path.Combine(folder, "silo");
        ProgramCopy.Mirror(silo, without, "Orchestrator.Silo");
        Directory.CreateDirectory(Path.Combine(without, Native));
        Directory.CreateDirectory(Torch);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(silo, Native)))
        {
            var name = Path.GetFileName(file);
            var isOfTorch = name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("libc10", StringComparison.Ordinal) || name.StartsWith("libgomp", StringComparison.Ordinal);
            File.CreateSymbolicLink(Path.Combine(isOfTorch ? Torch : Path.Combine(without, Native), name), file);
        }

        File.WriteAllText(Path.Combine(_folder, "torch", "version.py"), "__version__ = '2.10.0+cpu'\n");
        return Path.Combine(folder, "Orchestrator.Client.dll");
    }
}
