using System.Runtime.InteropServices;

namespace Orchestrator.Numerics.Runtime;

/// <summary>
/// Chooses the libtorch that a process computes with: the one of the package, or that of an installed PyTorch, whose folder
/// holds the CUDA libraries. To be called before anything touches TorchSharp, since native libraries stay once loaded.
/// </summary>
public static partial class LibTorch
{
    /// <summary>The version that TorchSharp's native part is built against: another one fails in ways that no check sees.</summary>
    public const string Version = "2.10";

    /// <summary>Names the folder of a PyTorch's libraries (<c>site-packages/torch/lib</c>) for processes that are not told otherwise.</summary>
    public const string FolderVariable = "ORCHESTRATOR_LIBTORCH";

    private const string SpinVariable = "GOMP_SPINCOUNT";
    private const string WaitPolicyVariable = "OMP_WAIT_POLICY";

    /// <summary>
    /// Turns for which a thread of libtorch waits actively for its next piece of work: some microseconds. By default it is
    /// milliseconds, in which they keep a processor from the threads of the sparse kernels (a dictionary's step took 1.2 times
    /// as long); at 0, waking them for each of a transformer's small products costs more than it saves (1.4 times).
    /// </summary>
    private const string Spins = "2000";

    private const string CpuLibrary = "libtorch_cpu.so";
    private const string CudaLibrary = "libtorch_cuda.so";

    // Each needs those before it; TorchSharp's own part needs them all.
    private static readonly (string Name, bool OfCuda)[] Libraries =
    [
        ("libc10.so", false), ("libc10_cuda.so", true), (CpuLibrary, false), (CudaLibrary, true), ("libtorch.so", false),
    ];

    /// <summary>Where this build's own native libraries are looked for.</summary>
    private static IEnumerable<string> OwnFolders =>
        (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory);

    /// <summary>Sets defaults of the environment that libtorch reads when it is loaded, and loads the libraries of a folder.</summary>
    /// <param name="folder">Null or empty: the package's libraries, which TorchSharp finds by itself.</param>
    /// <exception cref="LibTorchException">
    /// The folder is no PyTorch's, of another version, does not load, or the build holds another libtorch; or there is none.
    /// </exception>
    public static void Prepare(string? folder)
    {
        // By setenv, because .NET's own variables do not reach native libraries.
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(WaitPolicyVariable) is null)
            _ = SetVariable(SpinVariable, Spins, overwrite: 0);
        if (string.IsNullOrEmpty(folder))
        {
            if (OperatingSystem.IsLinux()) CheckOwn();
            return;
        }

        folder = Path.GetFullPath(folder);
        Check(folder);
        foreach (var path in Libraries.Select(library => Path.Combine(folder, library.Name)).Where(File.Exists)) Load(path);
        var own = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        if (File.Exists(own)) Load(own);
    }

    /// <summary>Whether what <see cref="Prepare"/> chooses has a part for CUDA.</summary>
    /// <param name="folder">As <see cref="Prepare"/> takes it.</param>
    public static bool HasCuda(string? folder) => string.IsNullOrEmpty(folder)
        ? OwnFolders.Any(own => File.Exists(Path.Combine(own, CudaLibrary)))
        : File.Exists(Path.Combine(folder, CudaLibrary));

    private static void CheckOwn()
    {
        if (!OwnFolders.Any(own => File.Exists(Path.Combine(own, CpuLibrary))))
            throw new LibTorchException($"This build holds no libtorch. Name the folder of an installed PyTorch {Version}'s (site-packages/torch/lib) with --libtorch or {FolderVariable}.");
    }

    private static void Check(string folder)
    {
        if (!Directory.Exists(folder)) throw new LibTorchException($"The folder of libtorch, {folder}, does not exist.");
        var missing = Libraries.Where(library => !library.OfCuda && !File.Exists(Path.Combine(folder, library.Name))).Select(library => library.Name).ToList();
        if (missing.Count > 0)
            throw new LibTorchException($"{folder} is no folder of libtorch: it lacks {string.Join(", ", missing)}. A PyTorch's is site-packages/torch/lib.");
        if (VersionOf(folder) is not { } version)
            throw new LibTorchException($"{folder} holds a libtorch of unknown version: there is neither ../version.py, as beside PyTorch's, nor ../build-version. This program needs {Version}.");
        if (!version.StartsWith(Version + ".", StringComparison.Ordinal))
            throw new LibTorchException($"{folder} holds libtorch {version}; this program needs {Version}.");
        CheckAlone(folder);
    }

    /// <summary>
    /// TorchSharp looks for libtorch beside the program first, and a second one in a process aborts it. A link to the same
    /// file is the same one.
    /// </summary>
    private static void CheckAlone(string folder)
    {
        var chosen = Target(Path.Combine(folder, CpuLibrary));
        var other = OwnFolders.Select(own => Path.Combine(own, CpuLibrary)).FirstOrDefault(own => File.Exists(own) && Target(own) != chosen);
        if (other is not null)
            throw new LibTorchException($"{folder} cannot be used: this build holds a libtorch of its own, {other}, and no process can hold two. Build with -p:Accelerator=installed, which leaves it out.");
    }

    private static string Target(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);

    /// <summary>As the Python package beside the libraries says it, or libtorch's own archive; null where neither does.</summary>
    private static string? VersionOf(string folder)
    {
        var python = Path.Combine(folder, "..", "version.py");
        if (File.Exists(python))
        {
            var line = File.ReadLines(python).FirstOrDefault(line => line.StartsWith("__version__", StringComparison.Ordinal));
            return line?.Split(['\'', '"']).ElementAtOrDefault(1);
        }

        var archive = Path.Combine(folder, "..", "build-version");
        return File.Exists(archive) ? File.ReadLines(archive).FirstOrDefault()?.Trim() : null;
    }

    private static void Load(string path)
    {
        try
        {
            NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new LibTorchException($"{path} does not load: {exception.Message.Split('\n')[0]}", exception);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}

/// <summary>The libtorch that was asked for cannot be used.</summary>
public sealed class LibTorchException(string message, Exception? inner = null) : Exception(message, inner);
