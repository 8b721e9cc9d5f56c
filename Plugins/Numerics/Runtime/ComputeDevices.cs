using System.Globalization;
using TorchSharp;

namespace Orchestrator.Numerics.Runtime;

/// <summary>
/// Checks that the device which a process is to serve is there, before it takes work: later every job would fail on it.
/// </summary>
public static class ComputeDevices
{
    private const string Cpu = "cpu";
    private const string CudaPrefix = "cuda:";

    /// <summary>For a GPU this is the first use of libtorch; for the CPU nothing is loaded.</summary>
    /// <param name="name"><c>cpu</c> or <c>cuda:0</c>, <c>cuda:1</c> ….</param>
    /// <param name="libtorch">The folder that <see cref="LibTorch.Prepare"/> was given.</param>
    /// <exception cref="DeviceException">It is no device's name, or the device is not there; says what is.</exception>
    public static void Require(string name, string? libtorch)
    {
        var fault = Fault(name, Gpus, LibTorch.HasCuda(libtorch), string.IsNullOrEmpty(libtorch) ? "the libtorch of this build" : $"the libtorch of {libtorch}");
        if (fault is not null) throw new DeviceException(fault);
    }

    /// <param name="gpus">How many libtorch sees; asked only where a GPU is wanted.</param>
    /// <param name="hasCuda">Whether libtorch has a part for CUDA.</param>
    /// <param name="libtorch">Which one it is, in words.</param>
    /// <returns>What is wrong; null: nothing.</returns>
    internal static string? Fault(string name, Func<int> gpus, bool hasCuda, string libtorch)
    {
        if (name == Cpu) return null;
        if (!name.StartsWith(CudaPrefix, StringComparison.Ordinal)
            || !int.TryParse(name.AsSpan(CudaPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return $"'{name}' is no device; allowed: cpu, cuda:0, cuda:1 …";
        }

        if (!hasCuda)
            return $"There is no device {name}: {libtorch} computes on the CPU only. There is cpu. A GPU needs a build with -p:Accelerator=cuda, or one with -p:Accelerator=installed and the folder of a PyTorch that has CUDA.";
        var count = gpus();
        if (count == 0)
            return $"There is no device {name}: {libtorch} sees no GPU. There is cpu. nvidia-smi shows whether the driver does, CUDA_VISIBLE_DEVICES what is hidden.";
        var there = string.Join(", ", Enumerable.Range(0, count).Select(gpu => $"{CudaPrefix}{gpu}").Prepend(Cpu));
        return index < count ? null : $"There is no device {name}. There are {there}.";
    }

    private static int Gpus() => torch.cuda.is_available() ? torch.cuda.device_count() : 0;
}

/// <summary>The device that was asked for is not there.</summary>
public sealed class DeviceException(string message) : Exception(message);
