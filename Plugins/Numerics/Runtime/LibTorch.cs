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

    // Each needs those before it; TorchSharp's own part needs them all.
    private static readonly (string Name, bool OfCuda)[] Libraries =
    [
        ("libc10.so", false), ("libc10_cuda.so", true), ("libtorch_cpu.so", false), ("libtorch_cuda.so", true), ("libtorch.so", false),
    ];

    /// <summary>Sets defaults of the environment that libtorch reads when it is loaded, and loads the libraries of a folder.</summary>
    /// <param name="folder">Null or empty: the package's libraries, which TorchSharp finds by itself.</param>
    /// <exception cref="LibTorchException">The folder is no PyTorch's, of another version, or does not load.</exception>
    public static void Prepare(string? folder)
    {
        // By setenv, because .NET's own variables do not reach native libraries.
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(WaitPolicyVariable) is null)
            _ = SetVariable(SpinVariable, Spins, overwrite: 0);
        if (string.IsNullOrEmpty(folder)) return;
        Check(folder);
        foreach (var path in Libraries.Select(library => Path.Combine(folder, library.Name)).Where(File.Exists)) Load(path);
        var own = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        if (File.Exists(own)) Load(own);
    }

    private static void Check(string folder)
    {
        if (!Directory.Exists(folder)) throw new LibTorchException($"The folder of libtorch, {folder}, does not exist.");
        var missing = Libraries.Where(library => !library.OfCuda && !File.Exists(Path.Combine(folder, library.Name))).Select(library => library.Name).ToList();
        if (missing.Count > 0)
            throw new LibTorchException($"{folder} is no folder of libtorch: it lacks {string.Join(", ", missing)}. A PyTorch's is site-packages/torch/lib.");
        if (VersionOf(folder) is { } version && !version.StartsWith(Version + ".", StringComparison.Ordinal))
            throw new LibTorchException($"{folder} holds libtorch {version}; this program needs {Version}.");
    }

    /// <summary>As the Python package beside the libraries says it; null where it says nothing.</summary>
    private static string? VersionOf(string folder)
    {
        var path = Path.Combine(folder, "..", "version.py");
        if (!File.Exists(path)) return null;
        var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith("__version__", StringComparison.Ordinal));
        return line?.Split(['\'', '"']).ElementAtOrDefault(1);
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
